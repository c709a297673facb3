import { createApp } from "vue";
import App from "./App.vue";
import { useTextSize } from "./composables/useTextSize";
import { followViewport } from "./composables/useViewport";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/messages.css";
import "./styles/parts.css";

useTextSize().apply();
followViewport();
createApp(App).mount("#app");
