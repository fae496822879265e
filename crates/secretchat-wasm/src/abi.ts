// Written by scripts/abi.mjs from secretchat.h. Do not edit.

export const ApiMisuse = {
  101: "dh_generator",
  102: "unusable_rng",
  103: "ttl_too_long",
  104: "id_length",
  105: "ids_equal",
  106: "message_too_long",
  107: "not_in_profile",
  108: "view_once",
  109: "random_id",
  110: "empty_message",
  111: "entity_range",
  112: "too_many_entities",
  113: "missing_media_key",
  114: "media_size",
  115: "media_details",
  116: "coordinates",
  117: "album_size",
  118: "album_media",
  119: "host_data_length",
  120: "ttl_bounds",
  121: "export_length",
  122: "hidden_without_timer",
} as const;
export type ApiMisuseName = (typeof ApiMisuse)[keyof typeof ApiMisuse];

export const Cause = {
  1: "begin",
  2: "restore",
  3: "timeout",
  4: "event",
  5: "closed",
  6: "rekey_failed",
  7: "accepted",
  8: "accepted_elsewhere",
  9: "discarded",
  10: "discard_receipt",
  11: "ciphertext",
  12: "peer_read",
  13: "peer_typing",
  14: "carried",
  15: "refused",
  16: "send",
  17: "send_album",
  18: "mark_read",
  19: "open_view",
  20: "close_view",
  21: "set_ttl",
  22: "delete",
  23: "flush_history",
  24: "report_screenshot",
  25: "typing",
  26: "announce_layer",
  27: "rekey",
  28: "verify",
  29: "forget_exporter",
  30: "retransmit",
  31: "acknowledge",
  32: "close",
} as const;
export type CauseName = (typeof Cause)[keyof typeof Cause];

export const ChatState = {
  1: "requested",
  2: "accepted",
  3: "ready",
  4: "closed",
} as const;
export type ChatStateName = (typeof ChatState)[keyof typeof ChatState];

export const CloseReason = {
  0: "by_us",
  1: "by_peer",
  2: "unproved",
  3: "rolled_back",
  4: "by_server_or_peer",
  5: "accepted_elsewhere",
  6: "bad_answer",
} as const;
export type CloseReasonName = (typeof CloseReason)[keyof typeof CloseReason];

export const DhGroupError = {
  601: "prime_size",
  602: "not_safe_prime",
  603: "prime_unknown",
  604: "generator",
} as const;
export type DhGroupErrorName = (typeof DhGroupError)[keyof typeof DhGroupError];

export const DocumentKind = {
  1: "file",
  2: "video",
  3: "animation",
  4: "audio",
  5: "voice",
  6: "round_video",
  7: "sticker",
} as const;
export type DocumentKindName = (typeof DocumentKind)[keyof typeof DocumentKind];

export const EntityKind = {
  1: "unknown",
  2: "mention",
  3: "hashtag",
  4: "bot_command",
  5: "url",
  6: "email",
  7: "bold",
  8: "italic",
  9: "code",
  10: "pre",
  11: "text_url",
  12: "mention_name",
  13: "phone",
  14: "cashtag",
  15: "bank_card",
  16: "underline",
  17: "strike",
  18: "blockquote",
  19: "spoiler",
  20: "custom_emoji",
} as const;
export type EntityKindName = (typeof EntityKind)[keyof typeof EntityKind];

export const Event = {
  1: "ready",
  2: "message",
  3: "sent",
  4: "failed",
  5: "action_failed",
  6: "acknowledged",
  7: "ttl_changed",
  8: "opened",
  9: "expired",
  10: "key_refused",
  11: "read_by_peer",
  12: "read_up_to",
  13: "deleted",
  14: "history_flushed",
  15: "screenshot",
  16: "typing",
  17: "peer_layer",
  18: "rekeyed",
  19: "rekey_failed",
  20: "rekey_overdue",
  21: "rollback_suspected",
  22: "unsupported",
  23: "old_protocol",
  24: "closed",
  25: "check_outdated",
} as const;
export type EventName = (typeof Event)[keyof typeof Event];

export const FrameError = {
  701: "unknown_version",
  702: "unknown_kind",
  703: "too_long",
  704: "malformed",
  705: "truncated",
  706: "fragment",
  707: "mixed",
  708: "small_mtu",
} as const;
export type FrameErrorName = (typeof FrameError)[keyof typeof FrameError];

export const Handled = {
  1: "applied",
  2: "waiting",
  3: "duplicate",
  4: "ignored",
  5: "no_room",
  6: "chat_closed",
} as const;
export type HandledName = (typeof Handled)[keyof typeof Handled];

export const History = {
  0: "keep",
  1: "delete",
} as const;
export type HistoryName = (typeof History)[keyof typeof History];

export const Media = {
  1: "photo",
  2: "document",
  3: "geo_point",
  4: "venue",
  5: "contact",
  6: "web_page",
  7: "external_document",
  8: "unsupported",
} as const;
export type MediaName = (typeof Media)[keyof typeof Media];

export const MediaError = {
  501: "empty",
  502: "too_long",
  503: "truncated",
  504: "too_large",
  505: "part_size",
  506: "part_length",
  507: "too_many_files",
  508: "resume_token",
  509: "resume_mismatch",
  510: "header",
  511: "not_this_file",
  512: "not_authentic",
  513: "padding",
  514: "out_of_range",
} as const;
export type MediaErrorName = (typeof MediaError)[keyof typeof MediaError];

export const Notice = {
  1: "queued",
  2: "nothing",
  3: "left_out",
} as const;
export type NoticeName = (typeof Notice)[keyof typeof Notice];

export const Notification = {
  0: "nothing",
  1: "sender",
  2: "all",
} as const;
export type NotificationName = (typeof Notification)[keyof typeof Notification];

export const Output = {
  1: "event",
  2: "persist",
  3: "transmit",
} as const;
export type OutputName = (typeof Output)[keyof typeof Output];

export const PeerFault = {
  301: "unknown_key",
  302: "not_authentic",
  303: "bad_public_value",
  304: "fingerprint_mismatch",
} as const;
export type PeerFaultName = (typeof PeerFault)[keyof typeof PeerFault];

export const Peek = {
  1: "message",
  2: "seen",
  3: "nothing",
  4: "stale",
  5: "no_keys",
} as const;
export type PeekName = (typeof Peek)[keyof typeof Peek];

export const PeerPolicy = {
  0: "default",
  1: "strict",
  2: "tolerant",
} as const;
export type PeerPolicyName = (typeof PeerPolicy)[keyof typeof PeerPolicy];

export const RekeyFailure = {
  1: "bad_value",
  2: "fingerprint_mismatch",
  3: "fingerprint_collision",
  4: "aborted",
  5: "refused",
  6: "unanswered",
} as const;
export type RekeyFailureName = (typeof RekeyFailure)[keyof typeof RekeyFailure];

export const RekeyLimit = {
  0: "refuse",
  1: "tell",
} as const;
export type RekeyLimitName = (typeof RekeyLimit)[keyof typeof RekeyLimit];

export const RekeyState = {
  1: "idle",
  2: "requested",
  3: "asked",
  4: "accepted",
  5: "answered",
} as const;
export type RekeyStateName = (typeof RekeyState)[keyof typeof RekeyState];

export const Role = {
  0: "initiator",
  1: "responder",
} as const;
export type RoleName = (typeof Role)[keyof typeof Role];

export const StoreError = {
  401: "missing",
  402: "damaged",
  403: "mismatch",
  404: "profile_off",
  405: "newer_version",
  406: "older_version",
  407: "rolled_back",
  408: "branched",
} as const;
export type StoreErrorName = (typeof StoreError)[keyof typeof StoreError];

export const TransmitKind = {
  1: "request",
  2: "accept",
  3: "discard",
  4: "read",
  5: "typing",
  6: "ciphertext",
} as const;
export type TransmitKindName = (typeof TransmitKind)[keyof typeof TransmitKind];

export const TypingAction = {
  1: "cancel",
  2: "typing",
  3: "record_video",
  4: "upload_video",
  5: "record_audio",
  6: "upload_audio",
  7: "upload_photo",
  8: "upload_document",
  9: "geo_location",
  10: "choose_contact",
  11: "record_round",
  12: "upload_round",
} as const;
export type TypingActionName = (typeof TypingAction)[keyof typeof TypingAction];

export const Unavailable = {
  201: "not_ready",
  202: "chat_closed",
  203: "seq_exhausted",
  204: "outbox_full",
  205: "rekey_required",
  206: "rekey_in_progress",
  207: "too_many_timers",
  208: "not_timed",
  209: "expired",
  210: "no_exporter",
} as const;
export type UnavailableName = (typeof Unavailable)[keyof typeof Unavailable];

export const UserAction = {
  1: "mark_read",
  2: "delete",
  3: "flush_history",
  4: "report_screenshot",
  5: "set_ttl",
} as const;
export type UserActionName = (typeof UserAction)[keyof typeof UserAction];

export const VerifyError = {
  1001: "mismatch",
  1002: "own_code",
  1003: "no_code",
  1004: "newer_code",
} as const;
export type VerifyErrorName = (typeof VerifyError)[keyof typeof VerifyError];

export const Violation = {
  16: "seq_negative",
  17: "seq_parity",
  18: "in_seq_back",
  19: "in_seq_ahead",
  20: "seq_exhausted",
  21: "layer_back",
  22: "bare_object",
  23: "body_not_understood",
  24: "resend_range",
  25: "rekey_unexpected",
} as const;
export type ViolationName = (typeof Violation)[keyof typeof Violation];

export const Profile = {
  1: "telegram",
  2: "x25519",
  3: "hybrid",
} as const;
export type ProfileName = (typeof Profile)[keyof typeof Profile];

export const Frame = {
  1: "request",
  2: "accept",
  3: "ciphertext",
  4: "discard",
  5: "receipt",
  6: "file_part",
  7: "file_request",
  8: "file_cancel",
} as const;
export type FrameName = (typeof Frame)[keyof typeof Frame];

export const Misuse = {
  1: "null",
  2: "length",
  3: "value",
  4: "text",
  5: "use",
  6: "random",
  7: "panic",
} as const;
export type MisuseName = (typeof Misuse)[keyof typeof Misuse];

export interface ScConfig {
  profile: number;
  peerPolicy: number;
  notificationCap: number;
  rekeyLimit: number;
  layer: number;
  viewOnce: boolean;
  exporter: boolean;
  smallPadding: boolean;
  group: number;
  localId: Uint8Array | null;
  peerId: Uint8Array | null;
  context: Uint8Array | null;
  hostData: Uint8Array | null;
  serverRandom: Uint8Array | null;
  storeKey: Uint8Array | null;
  ttlShortest: number;
  ttlLongest: number;
  outboxMessages: number;
  outboxBytes: number;
  waitingMessages: number;
  waitingBytes: number;
  waitingSpan: number;
  timedMessages: number;
  viewOnceMs: bigint;
  discardPatienceMs: bigint;
  rekeyInitiatorMessages: number;
  rekeyResponderMessages: number;
  rekeyLimitMessages: number;
  rekeyBytes: bigint;
  rekeyAgeMs: bigint;
  rekeyLimitAgeMs: bigint;
  rekeyPatienceMs: bigint;
}

export interface ScFileOf {
  randomId: bigint;
  file: Uint8Array | null;
}

export interface ScEntity {
  kind: number;
  offset: number;
  length: number;
  text: Uint8Array | null;
  id: bigint;
}

export interface ScMedia {
  kind: number;
  documentKind: number;
  hasImageSize: boolean;
  width: number;
  height: number;
  duration: number;
  size: bigint;
  key: Uint8Array | null;
  iv: Uint8Array | null;
  mimeType: Uint8Array | null;
  fileName: Uint8Array | null;
  title: Uint8Array | null;
  performer: Uint8Array | null;
  waveform: Uint8Array | null;
  alt: Uint8Array | null;
  stickerSet: Uint8Array | null;
  thumbnail: Uint8Array | null;
  thumbnailWidth: number;
  thumbnailHeight: number;
  latitude: number;
  longitude: number;
  address: Uint8Array | null;
  provider: Uint8Array | null;
  venueId: Uint8Array | null;
  phoneNumber: Uint8Array | null;
  firstName: Uint8Array | null;
  lastName: Uint8Array | null;
  url: Uint8Array | null;
  id: bigint;
  accessHash: bigint;
  userId: number;
  dcId: number;
  date: number;
}

export interface ScRights {
  notification: number;
  mayForward: boolean;
  maySave: boolean;
  mayCopy: boolean;
  mayScreenshot: boolean;
  isHiddenUntilOpened: boolean;
}

export interface ScContent {
  text: Uint8Array | null;
  entities: ScEntity[];
  entityCount: number;
  media: ScMedia | null;
  rights: ScRights;
}

export interface ScPosition {
  sender: number;
  slot: number;
  acknowledged: number;
  order: number;
}

export interface ScIncomingFile {
  reference: Uint8Array | null;
  size: bigint;
  fingerprint: number;
  hasSize: boolean;
  hasFingerprint: boolean;
}

export interface ScMessage {
  content: ScContent;
  randomId: bigint;
  position: ScPosition;
  dateMs: bigint;
  file: ScIncomingFile;
  replyTo: bigint;
  groupedId: bigint;
  viaBot: Uint8Array | null;
  ttl: number;
  layer: number;
  hasReplyTo: boolean;
  hasGroupedId: boolean;
  isSilent: boolean;
}

export interface ScCheckpoint {
  generation: bigint;
  tag: Uint8Array;
}

export interface ScRow {
  name: Uint8Array;
  value: Uint8Array | null;
}

export interface ScBatch {
  chatId: Uint8Array;
  checkpoint: ScCheckpoint;
  put: ScRow[];
  putCount: number;
  remove: ScRow[];
  removeCount: number;
  destroys: boolean;
}

export interface ScOutput {
  kind: number;
  what: number;
  reason: number;
  action: number;
  history: number;
  isService: boolean;
  isSilent: boolean;
  isTyping: boolean;
  hasProof: boolean;
  isSetBack: boolean;
  hasMissing: boolean;
  isCrossed: boolean;
  hasLease: boolean;
  transmitId: bigint;
  randomId: bigint;
  dateMs: bigint;
  maxDateMs: bigint;
  deadlineMs: bigint;
  ttl: number;
  askedTtl: number;
  layer: number;
  rekeys: number;
  comparedAt: number;
  missing: number;
  sent: number;
  fingerprint: bigint;
  bytes: Uint8Array | null;
  file: Uint8Array | null;
  ids: bigint[];
  files: ScFileOf[];
  fileCount: number;
  message: ScMessage | null;
  content: ScContent | null;
  batch: ScBatch | null;
}

export interface ScDraft {
  text: Uint8Array | null;
  entities: ScEntity[];
  entityCount: number;
  media: ScMedia | null;
  file: Uint8Array | null;
  viaBot: Uint8Array | null;
  randomId: bigint;
  replyTo: bigint;
  ttl: number;
  hasRandomId: boolean;
  hasReplyTo: boolean;
  hasTtl: boolean;
  isSilent: boolean;
  isProtected: boolean;
  isHidden: boolean;
}

export interface ScNotice {
  kind: number;
  error: number;
  transmitId: bigint;
}

export interface ScOutcome {
  cause: number;
  times: number;
  minuteMs: bigint;
  name: Uint8Array | null;
}

export interface ScFragmentBounds {
  frames: number;
  bytes: number;
  patienceMs: bigint;
}

export interface ScFrame {
  kind: number;
  history: number;
  hasFile: boolean;
  hasMac: boolean;
  tag: Uint8Array;
  fileId: Uint8Array;
  mac: Uint8Array;
  sent: number;
  transmitId: bigint;
  fingerprint: bigint;
  offset: bigint;
  total: bigint;
  bytes: Uint8Array | null;
}

export interface ScLeaseInfo {
  size: bigint;
  rights: ScRights;
  thumbnail: Uint8Array | null;
  thumbnailWidth: number;
  thumbnailHeight: number;
}

export interface ScPreview {
  kind: number;
  most: number;
  isEarly: boolean;
  isSilent: boolean;
  hasContent: boolean;
  randomId: bigint;
  position: ScPosition;
  text: Uint8Array | null;
  entities: ScEntity[];
  entityCount: number;
  media: Uint8Array | null;
}

export interface ScProgress {
  done: bigint;
  total: bigint;
}

export interface ScLayout {
  size: bigint;
  count: bigint;
  encryptedLen: bigint;
  segmentSize: number;
}

export interface ScSegment {
  offset: bigint;
  encryptedLen: number;
  contentLen: number;
  isLast: boolean;
}

export interface ScState {
  state: number;
  reason: number;
  role: number;
  rekey: number;
  hasId: boolean;
  hasKeyFingerprint: boolean;
  hasVerification: boolean;
  hasCheck: boolean;
  isVerified: boolean;
  hasVerifiedCheck: boolean;
  hasCheckpoint: boolean;
  hasDiscardReceipt: boolean;
  owesAcknowledgement: boolean;
  awaitsTransport: boolean;
  id: Uint8Array;
  verification: Uint8Array;
  check: Uint8Array;
  discardReceipt: Uint8Array;
  keyFingerprint: bigint;
  exchangeId: bigint;
  nextFingerprint: bigint;
  verifiedCheck: number;
  ownLayer: number;
  peerLayer: number;
  ttl: number;
  rekeys: number;
  sent: number;
  acknowledged: number;
  received: number;
  checkpoint: ScCheckpoint;
  timeoutMs: bigint;
}

/** Where the fields of each struct are: name, offset and kind. */
export const STRUCTS = {
  ScConfig: {
    size: 168,
    fields: [
      ["profile", 0, "u16"],
      ["peerPolicy", 2, "u16"],
      ["notificationCap", 4, "u16"],
      ["rekeyLimit", 6, "u16"],
      ["layer", 8, "i32"],
      ["viewOnce", 12, "flag"],
      ["exporter", 13, "flag"],
      ["smallPadding", 14, "flag"],
      ["group", 16, "u32"],
      ["localId", 20, "bytes"],
      ["peerId", 28, "bytes"],
      ["context", 36, "bytes"],
      ["hostData", 44, "bytes"],
      ["serverRandom", 52, "bytes"],
      ["storeKey", 60, "bytes"],
      ["ttlShortest", 68, "u32"],
      ["ttlLongest", 72, "u32"],
      ["outboxMessages", 76, "u32"],
      ["outboxBytes", 80, "u32"],
      ["waitingMessages", 84, "u32"],
      ["waitingBytes", 88, "u32"],
      ["waitingSpan", 92, "u32"],
      ["timedMessages", 96, "u32"],
      ["viewOnceMs", 104, "u64"],
      ["discardPatienceMs", 112, "u64"],
      ["rekeyInitiatorMessages", 120, "u32"],
      ["rekeyResponderMessages", 124, "u32"],
      ["rekeyLimitMessages", 128, "u32"],
      ["rekeyBytes", 136, "u64"],
      ["rekeyAgeMs", 144, "u64"],
      ["rekeyLimitAgeMs", 152, "u64"],
      ["rekeyPatienceMs", 160, "u64"],
    ],
  },
  ScFileOf: {
    size: 16,
    fields: [
      ["randomId", 0, "i64"],
      ["file", 8, "bytes"],
    ],
  },
  ScEntity: {
    size: 32,
    fields: [
      ["kind", 0, "u16"],
      ["offset", 4, "u32"],
      ["length", 8, "u32"],
      ["text", 12, "bytes"],
      ["id", 24, "i64"],
    ],
  },
  ScMedia: {
    size: 224,
    fields: [
      ["kind", 0, "u16"],
      ["documentKind", 2, "u16"],
      ["hasImageSize", 4, "flag"],
      ["width", 8, "u32"],
      ["height", 12, "u32"],
      ["duration", 16, "u32"],
      ["size", 24, "u64"],
      ["key", 32, "bytes"],
      ["iv", 40, "bytes"],
      ["mimeType", 48, "bytes"],
      ["fileName", 56, "bytes"],
      ["title", 64, "bytes"],
      ["performer", 72, "bytes"],
      ["waveform", 80, "bytes"],
      ["alt", 88, "bytes"],
      ["stickerSet", 96, "bytes"],
      ["thumbnail", 104, "bytes"],
      ["thumbnailWidth", 112, "u32"],
      ["thumbnailHeight", 116, "u32"],
      ["latitude", 120, "f64"],
      ["longitude", 128, "f64"],
      ["address", 136, "bytes"],
      ["provider", 144, "bytes"],
      ["venueId", 152, "bytes"],
      ["phoneNumber", 160, "bytes"],
      ["firstName", 168, "bytes"],
      ["lastName", 176, "bytes"],
      ["url", 184, "bytes"],
      ["id", 192, "i64"],
      ["accessHash", 200, "i64"],
      ["userId", 208, "i32"],
      ["dcId", 212, "i32"],
      ["date", 216, "i32"],
    ],
  },
  ScRights: {
    size: 8,
    fields: [
      ["notification", 0, "u16"],
      ["mayForward", 2, "flag"],
      ["maySave", 3, "flag"],
      ["mayCopy", 4, "flag"],
      ["mayScreenshot", 5, "flag"],
      ["isHiddenUntilOpened", 6, "flag"],
    ],
  },
  ScContent: {
    size: 28,
    fields: [
      ["text", 0, "bytes"],
      ["entities", 8, "list:ScEntity:entityCount"],
      ["entityCount", 12, "u32"],
      ["media", 16, "pointer:ScMedia"],
      ["rights", 20, "struct:ScRights"],
    ],
  },
  ScPosition: {
    size: 16,
    fields: [
      ["sender", 0, "u16"],
      ["slot", 4, "u32"],
      ["acknowledged", 8, "u32"],
      ["order", 12, "u32"],
    ],
  },
  ScIncomingFile: {
    size: 24,
    fields: [
      ["reference", 0, "bytes"],
      ["size", 8, "u64"],
      ["fingerprint", 16, "i32"],
      ["hasSize", 20, "flag"],
      ["hasFingerprint", 21, "flag"],
    ],
  },
  ScMessage: {
    size: 128,
    fields: [
      ["content", 0, "struct:ScContent"],
      ["randomId", 32, "i64"],
      ["position", 40, "struct:ScPosition"],
      ["dateMs", 56, "u64"],
      ["file", 64, "struct:ScIncomingFile"],
      ["replyTo", 88, "i64"],
      ["groupedId", 96, "i64"],
      ["viaBot", 104, "bytes"],
      ["ttl", 112, "u32"],
      ["layer", 116, "i32"],
      ["hasReplyTo", 120, "flag"],
      ["hasGroupedId", 121, "flag"],
      ["isSilent", 122, "flag"],
    ],
  },
  ScCheckpoint: {
    size: 24,
    fields: [
      ["generation", 0, "u64"],
      ["tag", 8, "bytes:16"],
    ],
  },
  ScRow: {
    size: 20,
    fields: [
      ["name", 0, "bytes:9"],
      ["value", 12, "bytes"],
    ],
  },
  ScBatch: {
    size: 64,
    fields: [
      ["chatId", 0, "bytes:16"],
      ["checkpoint", 16, "struct:ScCheckpoint"],
      ["put", 40, "list:ScRow:putCount"],
      ["putCount", 44, "u32"],
      ["remove", 48, "list:ScRow:removeCount"],
      ["removeCount", 52, "u32"],
      ["destroys", 56, "flag"],
    ],
  },
  ScOutput: {
    size: 152,
    fields: [
      ["kind", 0, "u16"],
      ["what", 2, "u16"],
      ["reason", 4, "u16"],
      ["action", 6, "u16"],
      ["history", 8, "u16"],
      ["isService", 10, "flag"],
      ["isSilent", 11, "flag"],
      ["isTyping", 12, "flag"],
      ["hasProof", 13, "flag"],
      ["isSetBack", 14, "flag"],
      ["hasMissing", 15, "flag"],
      ["isCrossed", 16, "flag"],
      ["hasLease", 17, "flag"],
      ["transmitId", 24, "u64"],
      ["randomId", 32, "i64"],
      ["dateMs", 40, "u64"],
      ["maxDateMs", 48, "u64"],
      ["deadlineMs", 56, "u64"],
      ["ttl", 64, "u32"],
      ["askedTtl", 68, "u32"],
      ["layer", 72, "i32"],
      ["rekeys", 76, "u32"],
      ["comparedAt", 80, "u32"],
      ["missing", 84, "u32"],
      ["sent", 88, "u32"],
      ["fingerprint", 96, "i64"],
      ["bytes", 104, "bytes"],
      ["file", 112, "bytes"],
      ["ids", 120, "ids"],
      ["files", 128, "list:ScFileOf:fileCount"],
      ["fileCount", 132, "u32"],
      ["message", 136, "pointer:ScMessage"],
      ["content", 140, "pointer:ScContent"],
      ["batch", 144, "pointer:ScBatch"],
    ],
  },
  ScDraft: {
    size: 72,
    fields: [
      ["text", 0, "bytes"],
      ["entities", 8, "list:ScEntity:entityCount"],
      ["entityCount", 12, "u32"],
      ["media", 16, "pointer:ScMedia"],
      ["file", 20, "bytes"],
      ["viaBot", 28, "bytes"],
      ["randomId", 40, "i64"],
      ["replyTo", 48, "i64"],
      ["ttl", 56, "u32"],
      ["hasRandomId", 60, "flag"],
      ["hasReplyTo", 61, "flag"],
      ["hasTtl", 62, "flag"],
      ["isSilent", 63, "flag"],
      ["isProtected", 64, "flag"],
      ["isHidden", 65, "flag"],
    ],
  },
  ScNotice: {
    size: 16,
    fields: [
      ["kind", 0, "u16"],
      ["error", 4, "i32"],
      ["transmitId", 8, "u64"],
    ],
  },
  ScOutcome: {
    size: 24,
    fields: [
      ["cause", 0, "u16"],
      ["times", 2, "u8"],
      ["minuteMs", 8, "u64"],
      ["name", 16, "bytes"],
    ],
  },
  ScFragmentBounds: {
    size: 16,
    fields: [
      ["frames", 0, "u32"],
      ["bytes", 4, "u32"],
      ["patienceMs", 8, "u64"],
    ],
  },
  ScFrame: {
    size: 120,
    fields: [
      ["kind", 0, "u16"],
      ["history", 2, "u16"],
      ["hasFile", 4, "flag"],
      ["hasMac", 5, "flag"],
      ["tag", 6, "bytes:16"],
      ["fileId", 22, "bytes:16"],
      ["mac", 38, "bytes:32"],
      ["sent", 72, "u32"],
      ["transmitId", 80, "u64"],
      ["fingerprint", 88, "i64"],
      ["offset", 96, "u64"],
      ["total", 104, "u64"],
      ["bytes", 112, "bytes"],
    ],
  },
  ScLeaseInfo: {
    size: 32,
    fields: [
      ["size", 0, "u64"],
      ["rights", 8, "struct:ScRights"],
      ["thumbnail", 16, "bytes"],
      ["thumbnailWidth", 24, "u32"],
      ["thumbnailHeight", 28, "u32"],
    ],
  },
  ScPreview: {
    size: 56,
    fields: [
      ["kind", 0, "u16"],
      ["most", 2, "u16"],
      ["isEarly", 4, "flag"],
      ["isSilent", 5, "flag"],
      ["hasContent", 6, "flag"],
      ["randomId", 8, "i64"],
      ["position", 16, "struct:ScPosition"],
      ["text", 32, "bytes"],
      ["entities", 40, "list:ScEntity:entityCount"],
      ["entityCount", 44, "u32"],
      ["media", 48, "bytes"],
    ],
  },
  ScProgress: {
    size: 16,
    fields: [
      ["done", 0, "u64"],
      ["total", 8, "u64"],
    ],
  },
  ScLayout: {
    size: 32,
    fields: [
      ["size", 0, "u64"],
      ["count", 8, "u64"],
      ["encryptedLen", 16, "u64"],
      ["segmentSize", 24, "u32"],
    ],
  },
  ScSegment: {
    size: 24,
    fields: [
      ["offset", 0, "u64"],
      ["encryptedLen", 8, "u32"],
      ["contentLen", 12, "u32"],
      ["isLast", 16, "flag"],
    ],
  },
  ScState: {
    size: 232,
    fields: [
      ["state", 0, "u16"],
      ["reason", 2, "u16"],
      ["role", 4, "u16"],
      ["rekey", 6, "u16"],
      ["hasId", 8, "flag"],
      ["hasKeyFingerprint", 9, "flag"],
      ["hasVerification", 10, "flag"],
      ["hasCheck", 11, "flag"],
      ["isVerified", 12, "flag"],
      ["hasVerifiedCheck", 13, "flag"],
      ["hasCheckpoint", 14, "flag"],
      ["hasDiscardReceipt", 15, "flag"],
      ["owesAcknowledgement", 16, "flag"],
      ["awaitsTransport", 17, "flag"],
      ["id", 18, "bytes:16"],
      ["verification", 34, "bytes:36"],
      ["check", 70, "bytes:36"],
      ["discardReceipt", 106, "bytes:32"],
      ["keyFingerprint", 144, "i64"],
      ["exchangeId", 152, "i64"],
      ["nextFingerprint", 160, "i64"],
      ["verifiedCheck", 168, "u32"],
      ["ownLayer", 172, "i32"],
      ["peerLayer", 176, "i32"],
      ["ttl", 180, "u32"],
      ["rekeys", 184, "u32"],
      ["sent", 188, "u32"],
      ["acknowledged", 192, "u32"],
      ["received", 196, "u32"],
      ["checkpoint", 200, "struct:ScCheckpoint"],
      ["timeoutMs", 224, "u64"],
    ],
  },
} as const;

export interface Structs {
  ScConfig: ScConfig;
  ScFileOf: ScFileOf;
  ScEntity: ScEntity;
  ScMedia: ScMedia;
  ScRights: ScRights;
  ScContent: ScContent;
  ScPosition: ScPosition;
  ScIncomingFile: ScIncomingFile;
  ScMessage: ScMessage;
  ScCheckpoint: ScCheckpoint;
  ScRow: ScRow;
  ScBatch: ScBatch;
  ScOutput: ScOutput;
  ScDraft: ScDraft;
  ScNotice: ScNotice;
  ScOutcome: ScOutcome;
  ScFragmentBounds: ScFragmentBounds;
  ScFrame: ScFrame;
  ScLeaseInfo: ScLeaseInfo;
  ScPreview: ScPreview;
  ScProgress: ScProgress;
  ScLayout: ScLayout;
  ScSegment: ScSegment;
  ScState: ScState;
}

/** The functions of the header that the module has. */
export const FUNCTIONS = [
  "sc_abi_version",
  "sc_buffer_bytes",
  "sc_buffer_data",
  "sc_buffer_len",
  "sc_buffer_free",
  "sc_chat_request",
  "sc_invitation_parse",
  "sc_invitation_accept",
  "sc_invitation_decline",
  "sc_invitation_free",
  "sc_chat_restore",
  "sc_chat_free",
  "sc_chat_send",
  "sc_chat_send_album",
  "sc_chat_set_ttl",
  "sc_chat_mark_read",
  "sc_chat_mark_read_up_to",
  "sc_chat_open_view",
  "sc_chat_close_view",
  "sc_chat_report_screenshot",
  "sc_chat_delete",
  "sc_chat_flush_history",
  "sc_chat_typing",
  "sc_chat_announce_layer",
  "sc_chat_rekey",
  "sc_chat_acknowledge",
  "sc_chat_retransmit",
  "sc_chat_accept_again",
  "sc_chat_close",
  "sc_chat_mark_verified",
  "sc_chat_mark_scanned",
  "sc_chat_clear_verified",
  "sc_chat_export",
  "sc_chat_forget_exporter",
  "sc_config_init",
  "sc_config_check",
  "sc_group_check",
  "sc_group_free",
  "sc_chat_diagnosis",
  "sc_chat_outcome",
  "sc_env_from_bytes",
  "sc_env_add_bytes",
  "sc_env_bytes_left",
  "sc_env_bytes_wanted",
  "sc_env_set_now",
  "sc_env_set_monotonic",
  "sc_env_clear_monotonic",
  "sc_env_fill",
  "sc_env_free",
  "sc_error_name",
  "sc_error_advice",
  "sc_media_seal",
  "sc_media_open",
  "sc_chat_open_media",
  "sc_media_key_from_parts",
  "sc_media_key_key",
  "sc_media_key_iv",
  "sc_media_key_free",
  "sc_fragments_new",
  "sc_fragments_count",
  "sc_fragments_datagram",
  "sc_fragments_id",
  "sc_fragments_free",
  "sc_fragment_bounds_init",
  "sc_reassembler_new",
  "sc_reassembler_take",
  "sc_reassembler_missing",
  "sc_reassembler_byte_count",
  "sc_reassembler_free",
  "sc_frame_encode",
  "sc_chat_frame",
  "sc_frame_decode",
  "sc_decoder_new",
  "sc_decoder_push",
  "sc_decoder_next",
  "sc_decoder_finish",
  "sc_decoder_free",
  "sc_chat_accepted",
  "sc_chat_accepted_elsewhere",
  "sc_chat_ciphertext",
  "sc_chat_discarded",
  "sc_chat_discard_receipt",
  "sc_chat_carried",
  "sc_chat_refused",
  "sc_chat_peer_read",
  "sc_chat_peer_typing",
  "sc_chat_handle_timeout",
  "sc_chat_timeout",
  "sc_lease_info",
  "sc_lease_open",
  "sc_lease_decryptor",
  "sc_lease_hazmat_key",
  "sc_lease_hazmat_iv",
  "sc_lease_free",
  "sc_chat_poll",
  "sc_chat_take_lease",
  "sc_chat_peek",
  "sc_peeker_new",
  "sc_peeker_peek",
  "sc_peeker_host_data",
  "sc_peeker_free",
  "sc_plan_new",
  "sc_plan_take",
  "sc_plan_progress",
  "sc_plan_finish",
  "sc_plan_free",
  "sc_chat_batch_fits",
  "sc_record_name",
  "sc_checkpoint_of_record",
  "sc_encryptor_token",
  "sc_encryptor_place",
  "sc_decryptor_new_resumable",
  "sc_decryptor_token",
  "sc_decryptor_place",
  "sc_encryptor_resume",
  "sc_decryptor_resume",
  "sc_resuming_offset",
  "sc_resuming_progress",
  "sc_resuming_check",
  "sc_resuming_encryptor",
  "sc_resuming_decryptor",
  "sc_resuming_free",
  "sc_opener_new",
  "sc_opener_layout",
  "sc_opener_segment",
  "sc_opener_open",
  "sc_opener_verify",
  "sc_opener_free",
  "sc_chat_state",
  "sc_chat_profile",
  "sc_chat_host_data",
  "sc_chat_position",
  "sc_chat_holds",
  "sc_chat_deadline",
  "sc_chat_file_of",
  "sc_chat_unacknowledged_file",
  "sc_chat_scan_code",
  "sc_encryptor_new",
  "sc_encryptor_update",
  "sc_encryptor_encrypted_len",
  "sc_encryptor_progress",
  "sc_encryptor_key",
  "sc_encryptor_finish",
  "sc_encryptor_free",
  "sc_decryptor_new",
  "sc_decryptor_update",
  "sc_decryptor_progress",
  "sc_decryptor_finish",
  "sc_decryptor_free",
  "sc_verification_words",
  "sc_verification_hex",
  "sc_verification_cells",
  "sc_verification_colours",
  "sc_verification_svg",
  "sc_verification_scan_code",
  "sc_verification_check_scanned",
] as const;
