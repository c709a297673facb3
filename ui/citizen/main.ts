import { createApp } from "vue";
import App from "./App.vue";
import { followRoom } from "./composables/useRoom";
import { useTextSize } from "./composables/useTextSize";
import { followViewport } from "./composables/useViewport";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/messages.css";
import "./styles/parts.css";

useTextSize().apply();
followViewport();
followRoom();
createApp(App).mount("#app");
