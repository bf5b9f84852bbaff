import { boolFlag, type Flag, type Flags, stringFlag } from "./flags/flag.ts";

function zapFlag(name: string, help: string, values: readonly string[], initial = ""): Flag<string> {
  const accept = (text: string): string => {
    const known = values.includes(text) || (name === "log level" && /^[1-9][0-9]*$/.test(text));
    if (!known) throw new Error(`invalid ${name} ${JSON.stringify(text)}`);
    return text;
  };
  return { ...stringFlag(help), initial, values, accept };
}

/** Flags that every command takes. The zap flags exist because scripts pass them. */
export const globalFlags: Flags = {
  help: boolFlag("help for this command", { short: "h" }),
  kubeconfig: stringFlag("path of the kubeconfig, for commands that talk to a cluster"),
  "zap-devel": boolFlag("development (console) or production (JSON) style of the log", { initial: true }),
  "zap-encoder": zapFlag("encoder value", "log format (json or console)", ["json", "console"]),
  "zap-log-level": zapFlag(
    "log level",
    "log threshold (debug, info, error, panic or an integer > 0)",
    ["debug", "info", "error", "panic"],
    "error",
  ),
  "zap-stacktrace-level": zapFlag(
    "stacktrace level",
    "level from which stack traces are logged (info, error, panic)",
    ["info", "error", "panic"],
  ),
  "zap-time-encoding": zapFlag("time-encoding value", "time format of the log", [
    "epoch",
    "millis",
    "nano",
    "iso8601",
    "rfc3339",
    "rfc3339nano",
  ]),
};
