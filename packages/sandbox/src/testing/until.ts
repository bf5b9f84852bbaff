import type { ApiServer } from "../api-server.ts";

/** Waits until a condition on the stored objects holds, looking after every change; fails after ten seconds. */
export function until<T>(server: ApiServer, condition: () => T | undefined | false): Promise<T> {
  const { store } = server.context;
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const found = condition();
      if (found === undefined || found === false) return;
      finish();
      resolve(found);
    };
    const stop = store.subscribeAll(() => setImmediate(check));
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`still not so after ten seconds: ${condition.toString()}`));
    }, 10_000);
    const finish = (): void => {
      clearTimeout(timer);
      stop();
    };
    check();
  });
}
