import { spawnSync } from "node:child_process";

/** Whether `yq` is the one of github.com/mikefarah/yq; another program of that name has another language. */
export const hasYq: boolean = (spawnSync("yq", ["--version"]).stdout?.toString() ?? "").includes("mikefarah");
