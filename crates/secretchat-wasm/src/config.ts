// The configuration of a chat.
import {
  Notification, PeerPolicy, Profile, RekeyLimit, type NotificationName, type PeerPolicyName, type ProfileName,
  type RekeyLimitName, STRUCTS,
} from "./abi.js";
import type { Lent, Library } from "./library.js";
import { codeOf } from "./names.js";

/** What a chat is configured with. What is left out is the default of the profile; times are in milliseconds. */
export interface Config {
  profile: ProfileName;
  /** The id of this end, 1 to 255 bytes. Not in Telegram. */
  localId?: string | Uint8Array;
  /** The id of the other end. Not in Telegram. */
  peerId?: string | Uint8Array;
  /** What else both ends must agree on, at most 255 bytes. */
  context?: string | Uint8Array;
  /** Up to 4,096 bytes of the host's own, which the records keep sealed. */
  hostData?: Uint8Array;
  /** The key that seals the records, 32 bytes. Without it there are none. */
  storeKey?: Uint8Array;
  /** The most that a notification shows. */
  notificationCap?: NotificationName;
  /** Whether `Chat.export` will be used. Not in Telegram. */
  exporter?: boolean;
  /** Messages get the least padding, so that their lengths show. Not in Telegram. */
  smallPadding?: boolean;
  /** The timers of the peer that are taken as they are, in seconds. */
  ttlBounds?: { shortest: number; longest: number };
  limits?: {
    outboxMessages?: number; outboxBytes?: number; waitingMessages?: number; waitingBytes?: number; waitingSpan?: number;
    timedMessages?: number; viewOnceMs?: number; discardPatienceMs?: number;
  };
  rekey?: {
    initiatorMessages?: number; responderMessages?: number; limitMessages?: number; bytes?: bigint; ageMs?: number;
    limitAgeMs?: number; patienceMs?: number; limit?: RekeyLimitName;
  };
  /** What only the Telegram profile has. */
  telegram?: {
    peerPolicy?: PeerPolicyName;
    layer?: number;
    viewOnce?: boolean;
    /** The server's `dh_config.random`. */
    serverRandom?: Uint8Array;
    /** The server's group. The published prime with the generator 3 if it is left out. */
    group?: { generator: number; prime?: Uint8Array; allowSafePrime?: boolean };
  };
}

/** Lends a configuration to a call. */
export function withConfig<Result>(library: Library, config: Config, call: (address: number, lent: Lent) => Result): Result {
  return library.lend((lent) => {
    const address = lent.room(STRUCTS.ScConfig.size);
    library.check("sc_config_init", address, codeOf(Profile, config.profile));
    const { ttlBounds, limits, rekey, telegram } = config;
    const group = telegram?.group ? checkedGroup(library, lent, telegram.group) : 0;
    lent.fill("ScConfig", address, {
      ...given({
        localId: bytes(config.localId), peerId: bytes(config.peerId), context: bytes(config.context),
        hostData: config.hostData, storeKey: config.storeKey, exporter: config.exporter,
        smallPadding: config.smallPadding, ttlShortest: ttlBounds?.shortest, ttlLongest: ttlBounds?.longest,
        notificationCap: config.notificationCap && codeOf(Notification, config.notificationCap),
        outboxMessages: limits?.outboxMessages, outboxBytes: limits?.outboxBytes,
        waitingMessages: limits?.waitingMessages, waitingBytes: limits?.waitingBytes, waitingSpan: limits?.waitingSpan,
        timedMessages: limits?.timedMessages, viewOnceMs: big(limits?.viewOnceMs),
        discardPatienceMs: big(limits?.discardPatienceMs),
        rekeyInitiatorMessages: rekey?.initiatorMessages, rekeyResponderMessages: rekey?.responderMessages,
        rekeyLimitMessages: rekey?.limitMessages, rekeyBytes: rekey?.bytes, rekeyAgeMs: big(rekey?.ageMs),
        rekeyLimitAgeMs: big(rekey?.limitAgeMs), rekeyPatienceMs: big(rekey?.patienceMs),
        rekeyLimit: rekey?.limit && codeOf(RekeyLimit, rekey.limit),
        peerPolicy: telegram?.peerPolicy && codeOf(PeerPolicy, telegram.peerPolicy),
        layer: telegram?.layer, viewOnce: telegram?.viewOnce, serverRandom: telegram?.serverRandom,
        group: group || undefined,
      }),
    });
    try {
      return call(address, lent);
    } finally {
      library.call("sc_group_free", group);
    }
  });
}

function checkedGroup(
  library: Library, lent: Lent, group: { generator: number; prime?: Uint8Array; allowSafePrime?: boolean },
): number {
  const { generator, prime = new Uint8Array(), allowSafePrime = false } = group;
  const address = lent.bytes(prime);
  return lent.result((out) =>
    library.check("sc_group_check", generator, address, prime.length, allowSafePrime ? 1 : 0, library.env(), out),
  );
}

function bytes(value: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

function big(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function given<Fields extends object>(fields: Fields): { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
