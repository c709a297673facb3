import { mountStaff } from "@shared/staff/mount";
import App from "./App.vue";

mountStaff(App);
