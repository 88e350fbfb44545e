import { add } from "./language";
import zh from "./zh-CN.more.ftl";

// Imported by every module that uses a text of zh-CN.more.ftl (a unit test holds them to it), so that the first page carries only its own texts.
add("zh-CN", zh);
