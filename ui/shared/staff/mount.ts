import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "element-plus/theme-chalk/el-message.css";
import "./staff.css";
import { ElConfigProvider } from "element-plus";
import zhCn from "element-plus/es/locale/lang/zh-cn";
import { createApp, h, type Component } from "vue";
import { followTheme } from "./theme";

/** Puts a staff page into `#app`, in Chinese and in the system's colours. */
export function mountStaff(page: Component): void {
  followTheme();
  createApp({ render: () => h(ElConfigProvider, { locale: zhCn }, () => h(page)) }).mount("#app");
}
