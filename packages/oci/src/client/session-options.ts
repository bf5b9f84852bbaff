import type { Keychain } from "../auth/keychain.ts";
import type { ClientTiming } from "./client-options.ts";
import type { Limiter } from "./limiter.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Transport, TransportAnswer } from "./transport.ts";

/** What a session shares with the other sessions of its client. */
export interface SessionOptions {
  readonly registry: string;
  readonly transport: Transport;
  readonly keychain: Keychain;
  readonly isInsecure: (host: string) => boolean;
  readonly resolve: Readonly<Record<string, string>>;
  readonly userAgent: string;
  readonly timing: ClientTiming;
  readonly policy: RetryPolicy;
  readonly limiters: Readonly<Record<"read" | "write", Limiter>>;
  readonly onAnswer: (answer: TransportAnswer) => void;
}
