import net from "node:net";

/** A TCP relay in front of a server that tells when a number of bytes has passed. */
export interface ByteGate {
  /** `host:port` to use in the server's place. */
  readonly address: string;
  /** Bytes from clients to the server since the last `watch`. */
  readonly sent: number;
  /** Bytes from the server to clients since the last `watch`. */
  readonly received: number;
  /** Starts to count anew, and calls back once when so many bytes have passed in the direction. */
  watch(direction: "sent" | "received", bytes: number, reached: () => void): void;
  close(): Promise<void>;
}

/** Relays to `host:port`. */
export async function startByteGate(target: string): Promise<ByteGate> {
  const [host, port] = target.split(":") as [string, string];
  const counts = { sent: 0, received: 0 };
  let alarm: { direction: "sent" | "received"; bytes: number; reached: () => void } | undefined;
  const sockets = new Set<net.Socket>();
  const pass = (direction: "sent" | "received", count: number): void => {
    counts[direction] += count;
    if (alarm?.direction !== direction || counts[direction] < alarm.bytes) return;
    const { reached } = alarm;
    alarm = undefined;
    reached();
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), host);
    for (const [from, to, direction] of [
      [client, upstream, "sent"],
      [upstream, client, "received"],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => pass(direction, chunk.length));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    get sent() {
      return counts.sent;
    },
    get received() {
      return counts.received;
    },
    watch(direction, bytes, reached) {
      counts.sent = 0;
      counts.received = 0;
      alarm = { direction, bytes, reached };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
