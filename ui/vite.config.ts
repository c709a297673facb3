import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * What one build makes. The citizen page is built apart from the staff pages: in one build they would share a chunk of
 * Vue that holds everything Element Plus needs, and phones would load it.
 */
const PARTS: Record<string, Record<string, string>> = {
  citizen: { citizen: here("citizen/index.html") },
  staff: { desk: here("desk/index.html"), console: here("console/index.html"), login: here("login/index.html") },
  widget: { widget: here("widget/widget.ts") },
};

const PAGES: Record<string, string> = { "/": "citizen", "/desk": "desk", "/console": "console", "/login": "login" };

/** The development server answers the product's own addresses with the sources of the pages. */
function pages(): Plugin {
  return {
    name: "pages",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const [path = "/", query] = (request.url ?? "/").split("?");
        const page = PAGES[path];
        if (page) request.url = `/${page}/index.html${query ? `?${query}` : ""}`;
        else if (path === "/widget.js") request.url = "/widget/widget.ts";
        next();
      });
    },
  };
}

/** Writes each text file compressed beside itself: the server sends `x.js.br` or `x.js.gz` for `x.js` as it stands. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css|html|svg)$/.test(file))) {
        const path = join(options.dir ?? here("dist"), name);
        const content = await readFile(path);
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
        await writeFile(`${path}.br`, brotliCompressSync(content));
      }
    },
  };
}

function build(mode: string): UserConfig["build"] {
  const input = PARTS[mode] ?? { ...PARTS.citizen, ...PARTS.staff };
  return {
    outDir: here("dist"),
    // The citizen build comes first and clears what an earlier run left.
    emptyOutDir: mode === "citizen",
    target: "es2018",
    // Vite's own warning would be about Element Plus, which only staff load.
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input,
      output:
        mode === "widget"
          ? { format: "iife", entryFileNames: "widget.js" }
          : { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" },
    },
  };
}

const upstream = { target: "http://127.0.0.1:8080", ws: true };

export default defineConfig(({ mode }) => ({
  root: here("."),
  plugins: [vue(), pages(), compressed()],
  define: { __VUE_OPTIONS_API__: mode === "citizen" ? "false" : "true" },
  resolve: { alias: { "@shared": here("shared") } },
  build: build(mode),
  server: {
    host: "127.0.0.1",
    proxy: { "/web/": upstream, "/desk/api": upstream, "/desk/socket": upstream, "/console/api": upstream, "/api/": upstream },
  },
}));
