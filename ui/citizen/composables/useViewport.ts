/** Keeps `--app-height` at what the on-screen keyboard leaves: phones do not shrink the page for it. */
export function followViewport(): void {
  const view = window.visualViewport;
  if (!view) return;
  const fit = (): void => {
    if (view.scale > 1.01) return; // zoomed by hand: leave it to the citizen
    document.documentElement.style.setProperty("--app-height", `${view.height}px`);
    window.scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}
