/**
 * Marks `<html>` by how many letters fit side by side: `narrow` below 24 rem, `tight` below 19 rem. Media queries
 * cannot tell: they do not see the page's own size modes, nor WeChat's font setting.
 */
export function followRoom(): void {
  const root = document.documentElement;
  const probe = document.createElement("div");
  probe.className = "probe";
  probe.setAttribute("aria-hidden", "true");
  document.body.appendChild(probe);
  const measure = (): void => {
    const letters = root.clientWidth / (probe.offsetWidth || 16);
    root.classList.toggle("narrow", letters < 24);
    root.classList.toggle("tight", letters < 19);
  };
  window.addEventListener("resize", measure);
  if (typeof ResizeObserver !== "undefined") new ResizeObserver(measure).observe(probe);
  measure();
}
