/*
 * secretchat: end-to-end encrypted one-to-one secret chats without I/O.
 *
 * A function returns 0 (`SC_OK`), or the number of an error; `sc_error_name` and `sc_error_advice`
 * put it into words. A call of a chat that fails changes nothing, and no result is written.
 *
 * Pointers: null and an impossible length are errors. A pointer that is not null must point to as
 * many values as the length beside it says, while the call lasts. A handle that a function wrote is
 * freed by the function of its name that ends in `_free`; to free null does nothing. Structs borrow.
 * Set them to all zeros first (`= {0}`).
 *
 * Flags are 0 for no, and anything else for yes. Times are milliseconds since 1970, in UTC.
 *
 * Threads: a handle is used by one thread at a time, and may move between threads. Different handles
 * are independent; what two chats share is the `ScEnv` that you pass them.
 *
 * Secrets: what the library owns is wiped when it is freed. Wipe yourself what you copy out of an
 * output or a buffer, and what you pass in: store keys, the keys of media, texts.
 */

#ifndef SECRETCHAT_H
#define SECRETCHAT_H

/* Written by `cargo xtask header`. Do not edit. */

#include <stddef.h>
#include <stdint.h>

/** `ApiMisuse` of the Rust documentation. */
enum {
  SC_API_MISUSE_DH_GENERATOR = 101,
  SC_API_MISUSE_UNUSABLE_RNG = 102,
  SC_API_MISUSE_TTL_TOO_LONG = 103,
  SC_API_MISUSE_ID_LENGTH = 104,
  SC_API_MISUSE_IDS_EQUAL = 105,
  SC_API_MISUSE_MESSAGE_TOO_LONG = 106,
  SC_API_MISUSE_NOT_IN_PROFILE = 107,
  SC_API_MISUSE_VIEW_ONCE = 108,
  SC_API_MISUSE_RANDOM_ID = 109,
  SC_API_MISUSE_EMPTY_MESSAGE = 110,
  SC_API_MISUSE_ENTITY_RANGE = 111,
  SC_API_MISUSE_TOO_MANY_ENTITIES = 112,
  SC_API_MISUSE_MISSING_MEDIA_KEY = 113,
  SC_API_MISUSE_MEDIA_SIZE = 114,
  SC_API_MISUSE_MEDIA_DETAILS = 115,
  SC_API_MISUSE_COORDINATES = 116,
  SC_API_MISUSE_ALBUM_SIZE = 117,
  SC_API_MISUSE_ALBUM_MEDIA = 118,
  SC_API_MISUSE_HOST_DATA_LENGTH = 119,
  SC_API_MISUSE_TTL_BOUNDS = 120,
  SC_API_MISUSE_EXPORT_LENGTH = 121,
  SC_API_MISUSE_HIDDEN_WITHOUT_TIMER = 122,
};

/** `Cause` of the Rust documentation. */
enum {
  SC_CAUSE_BEGIN = 1,
  SC_CAUSE_RESTORE = 2,
  SC_CAUSE_TIMEOUT = 3,
  SC_CAUSE_EVENT = 4,
  SC_CAUSE_CLOSED = 5,
  SC_CAUSE_REKEY_FAILED = 6,
  SC_CAUSE_ACCEPTED = 7,
  SC_CAUSE_ACCEPTED_ELSEWHERE = 8,
  SC_CAUSE_DISCARDED = 9,
  SC_CAUSE_DISCARD_RECEIPT = 10,
  SC_CAUSE_CIPHERTEXT = 11,
  SC_CAUSE_PEER_READ = 12,
  SC_CAUSE_PEER_TYPING = 13,
  SC_CAUSE_CARRIED = 14,
  SC_CAUSE_REFUSED = 15,
  SC_CAUSE_SEND = 16,
  SC_CAUSE_SEND_ALBUM = 17,
  SC_CAUSE_MARK_READ = 18,
  SC_CAUSE_OPEN_VIEW = 19,
  SC_CAUSE_CLOSE_VIEW = 20,
  SC_CAUSE_SET_TTL = 21,
  SC_CAUSE_DELETE = 22,
  SC_CAUSE_FLUSH_HISTORY = 23,
  SC_CAUSE_REPORT_SCREENSHOT = 24,
  SC_CAUSE_TYPING = 25,
  SC_CAUSE_ANNOUNCE_LAYER = 26,
  SC_CAUSE_REKEY = 27,
  SC_CAUSE_VERIFY = 28,
  SC_CAUSE_FORGET_EXPORTER = 29,
  SC_CAUSE_RETRANSMIT = 30,
  SC_CAUSE_ACKNOWLEDGE = 31,
  SC_CAUSE_CLOSE = 32,
};

/** `ChatState` of the Rust documentation. */
enum {
  SC_CHAT_STATE_REQUESTED = 1,
  SC_CHAT_STATE_ACCEPTED = 2,
  SC_CHAT_STATE_READY = 3,
  SC_CHAT_STATE_CLOSED = 4,
};

/** `CloseReason` of the Rust documentation. */
enum {
  SC_CLOSE_REASON_BY_US = 0,
  SC_CLOSE_REASON_BY_PEER = 1,
  SC_CLOSE_REASON_UNPROVED = 2,
  SC_CLOSE_REASON_ROLLED_BACK = 3,
  SC_CLOSE_REASON_BY_SERVER_OR_PEER = 4,
  SC_CLOSE_REASON_ACCEPTED_ELSEWHERE = 5,
  SC_CLOSE_REASON_BAD_ANSWER = 6,
};

/** `DhGroupError` of the Rust documentation. */
enum {
  SC_DH_GROUP_ERROR_PRIME_SIZE = 601,
  SC_DH_GROUP_ERROR_NOT_SAFE_PRIME = 602,
  SC_DH_GROUP_ERROR_PRIME_UNKNOWN = 603,
  SC_DH_GROUP_ERROR_GENERATOR = 604,
};

/** `DocumentKind` of the Rust documentation. */
enum {
  SC_DOCUMENT_KIND_FILE = 1,
  SC_DOCUMENT_KIND_VIDEO = 2,
  SC_DOCUMENT_KIND_ANIMATION = 3,
  SC_DOCUMENT_KIND_AUDIO = 4,
  SC_DOCUMENT_KIND_VOICE = 5,
  SC_DOCUMENT_KIND_ROUND_VIDEO = 6,
  SC_DOCUMENT_KIND_STICKER = 7,
};

/** `EntityKind` of the Rust documentation. */
enum {
  SC_ENTITY_KIND_UNKNOWN = 1,
  SC_ENTITY_KIND_MENTION = 2,
  SC_ENTITY_KIND_HASHTAG = 3,
  SC_ENTITY_KIND_BOT_COMMAND = 4,
  SC_ENTITY_KIND_URL = 5,
  SC_ENTITY_KIND_EMAIL = 6,
  SC_ENTITY_KIND_BOLD = 7,
  SC_ENTITY_KIND_ITALIC = 8,
  SC_ENTITY_KIND_CODE = 9,
  SC_ENTITY_KIND_PRE = 10,
  SC_ENTITY_KIND_TEXT_URL = 11,
  SC_ENTITY_KIND_MENTION_NAME = 12,
  SC_ENTITY_KIND_PHONE = 13,
  SC_ENTITY_KIND_CASHTAG = 14,
  SC_ENTITY_KIND_BANK_CARD = 15,
  SC_ENTITY_KIND_UNDERLINE = 16,
  SC_ENTITY_KIND_STRIKE = 17,
  SC_ENTITY_KIND_BLOCKQUOTE = 18,
  SC_ENTITY_KIND_SPOILER = 19,
  SC_ENTITY_KIND_CUSTOM_EMOJI = 20,
};

/** `Event` of the Rust documentation. */
enum {
  SC_EVENT_READY = 1,
  SC_EVENT_MESSAGE = 2,
  SC_EVENT_SENT = 3,
  SC_EVENT_FAILED = 4,
  SC_EVENT_ACTION_FAILED = 5,
  SC_EVENT_ACKNOWLEDGED = 6,
  SC_EVENT_TTL_CHANGED = 7,
  SC_EVENT_OPENED = 8,
  SC_EVENT_EXPIRED = 9,
  SC_EVENT_KEY_REFUSED = 10,
  SC_EVENT_READ_BY_PEER = 11,
  SC_EVENT_READ_UP_TO = 12,
  SC_EVENT_DELETED = 13,
  SC_EVENT_HISTORY_FLUSHED = 14,
  SC_EVENT_SCREENSHOT = 15,
  SC_EVENT_TYPING = 16,
  SC_EVENT_PEER_LAYER = 17,
  SC_EVENT_REKEYED = 18,
  SC_EVENT_REKEY_FAILED = 19,
  SC_EVENT_REKEY_OVERDUE = 20,
  SC_EVENT_ROLLBACK_SUSPECTED = 21,
  SC_EVENT_UNSUPPORTED = 22,
  SC_EVENT_OLD_PROTOCOL = 23,
  SC_EVENT_CLOSED = 24,
  SC_EVENT_CHECK_OUTDATED = 25,
};

/** `FrameError` of the Rust documentation. */
enum {
  SC_FRAME_ERROR_UNKNOWN_VERSION = 701,
  SC_FRAME_ERROR_UNKNOWN_KIND = 702,
  SC_FRAME_ERROR_TOO_LONG = 703,
  SC_FRAME_ERROR_MALFORMED = 704,
  SC_FRAME_ERROR_TRUNCATED = 705,
  SC_FRAME_ERROR_FRAGMENT = 706,
  SC_FRAME_ERROR_MIXED = 707,
  SC_FRAME_ERROR_SMALL_MTU = 708,
};

/** `Handled` of the Rust documentation. */
enum {
  SC_HANDLED_APPLIED = 1,
  SC_HANDLED_WAITING = 2,
  SC_HANDLED_DUPLICATE = 3,
  SC_HANDLED_IGNORED = 4,
  SC_HANDLED_NO_ROOM = 5,
  SC_HANDLED_CHAT_CLOSED = 6,
};

/** `History` of the Rust documentation. */
enum {
  SC_HISTORY_KEEP = 0,
  SC_HISTORY_DELETE = 1,
};

/** `Media` of the Rust documentation. */
enum {
  SC_MEDIA_PHOTO = 1,
  SC_MEDIA_DOCUMENT = 2,
  SC_MEDIA_GEO_POINT = 3,
  SC_MEDIA_VENUE = 4,
  SC_MEDIA_CONTACT = 5,
  SC_MEDIA_WEB_PAGE = 6,
  SC_MEDIA_EXTERNAL_DOCUMENT = 7,
  SC_MEDIA_UNSUPPORTED = 8,
};

/** `MediaError` of the Rust documentation. */
enum {
  SC_MEDIA_ERROR_EMPTY = 501,
  SC_MEDIA_ERROR_TOO_LONG = 502,
  SC_MEDIA_ERROR_TRUNCATED = 503,
  SC_MEDIA_ERROR_TOO_LARGE = 504,
  SC_MEDIA_ERROR_PART_SIZE = 505,
  SC_MEDIA_ERROR_PART_LENGTH = 506,
  SC_MEDIA_ERROR_TOO_MANY_FILES = 507,
  SC_MEDIA_ERROR_RESUME_TOKEN = 508,
  SC_MEDIA_ERROR_RESUME_MISMATCH = 509,
  SC_MEDIA_ERROR_HEADER = 510,
  SC_MEDIA_ERROR_NOT_THIS_FILE = 511,
  SC_MEDIA_ERROR_NOT_AUTHENTIC = 512,
  SC_MEDIA_ERROR_PADDING = 513,
  SC_MEDIA_ERROR_OUT_OF_RANGE = 514,
};

/** `Notice` of the Rust documentation. */
enum {
  SC_NOTICE_QUEUED = 1,
  SC_NOTICE_NOTHING = 2,
  SC_NOTICE_LEFT_OUT = 3,
};

/** `Notification` of the Rust documentation. */
enum {
  SC_NOTIFICATION_NOTHING = 0,
  SC_NOTIFICATION_SENDER = 1,
  SC_NOTIFICATION_ALL = 2,
};

/** `Output` of the Rust documentation. */
enum {
  SC_OUTPUT_EVENT = 1,
  SC_OUTPUT_PERSIST = 2,
  SC_OUTPUT_TRANSMIT = 3,
};

/** `PeerFault` of the Rust documentation. */
enum {
  SC_PEER_FAULT_UNKNOWN_KEY = 301,
  SC_PEER_FAULT_NOT_AUTHENTIC = 302,
  SC_PEER_FAULT_BAD_PUBLIC_VALUE = 303,
  SC_PEER_FAULT_FINGERPRINT_MISMATCH = 304,
};

/** `Peek` of the Rust documentation. */
enum {
  SC_PEEK_MESSAGE = 1,
  SC_PEEK_SEEN = 2,
  SC_PEEK_NOTHING = 3,
  SC_PEEK_STALE = 4,
  SC_PEEK_NO_KEYS = 5,
};

/** `PeerPolicy` of the Rust documentation. */
enum {
  SC_PEER_POLICY_DEFAULT = 0,
  SC_PEER_POLICY_STRICT = 1,
  SC_PEER_POLICY_TOLERANT = 2,
};

/** `RekeyFailure` of the Rust documentation. */
enum {
  SC_REKEY_FAILURE_BAD_VALUE = 1,
  SC_REKEY_FAILURE_FINGERPRINT_MISMATCH = 2,
  SC_REKEY_FAILURE_FINGERPRINT_COLLISION = 3,
  SC_REKEY_FAILURE_ABORTED = 4,
  SC_REKEY_FAILURE_REFUSED = 5,
  SC_REKEY_FAILURE_UNANSWERED = 6,
};

/** `RekeyLimit` of the Rust documentation. */
enum {
  SC_REKEY_LIMIT_REFUSE = 0,
  SC_REKEY_LIMIT_TELL = 1,
};

/** `RekeyState` of the Rust documentation. */
enum {
  SC_REKEY_STATE_IDLE = 1,
  SC_REKEY_STATE_REQUESTED = 2,
  SC_REKEY_STATE_ASKED = 3,
  SC_REKEY_STATE_ACCEPTED = 4,
  SC_REKEY_STATE_ANSWERED = 5,
};

/** `Role` of the Rust documentation. */
enum {
  SC_ROLE_INITIATOR = 0,
  SC_ROLE_RESPONDER = 1,
};

/** `StoreError` of the Rust documentation. */
enum {
  SC_STORE_ERROR_MISSING = 401,
  SC_STORE_ERROR_DAMAGED = 402,
  SC_STORE_ERROR_MISMATCH = 403,
  SC_STORE_ERROR_PROFILE_OFF = 404,
  SC_STORE_ERROR_NEWER_VERSION = 405,
  SC_STORE_ERROR_OLDER_VERSION = 406,
  SC_STORE_ERROR_ROLLED_BACK = 407,
  SC_STORE_ERROR_BRANCHED = 408,
};

/** `TransmitKind` of the Rust documentation. */
enum {
  SC_TRANSMIT_KIND_REQUEST = 1,
  SC_TRANSMIT_KIND_ACCEPT = 2,
  SC_TRANSMIT_KIND_DISCARD = 3,
  SC_TRANSMIT_KIND_READ = 4,
  SC_TRANSMIT_KIND_TYPING = 5,
  SC_TRANSMIT_KIND_CIPHERTEXT = 6,
};

/** `TypingAction` of the Rust documentation. */
enum {
  SC_TYPING_ACTION_CANCEL = 1,
  SC_TYPING_ACTION_TYPING = 2,
  SC_TYPING_ACTION_RECORD_VIDEO = 3,
  SC_TYPING_ACTION_UPLOAD_VIDEO = 4,
  SC_TYPING_ACTION_RECORD_AUDIO = 5,
  SC_TYPING_ACTION_UPLOAD_AUDIO = 6,
  SC_TYPING_ACTION_UPLOAD_PHOTO = 7,
  SC_TYPING_ACTION_UPLOAD_DOCUMENT = 8,
  SC_TYPING_ACTION_GEO_LOCATION = 9,
  SC_TYPING_ACTION_CHOOSE_CONTACT = 10,
  SC_TYPING_ACTION_RECORD_ROUND = 11,
  SC_TYPING_ACTION_UPLOAD_ROUND = 12,
};

/** `Unavailable` of the Rust documentation. */
enum {
  SC_UNAVAILABLE_NOT_READY = 201,
  SC_UNAVAILABLE_CHAT_CLOSED = 202,
  SC_UNAVAILABLE_SEQ_EXHAUSTED = 203,
  SC_UNAVAILABLE_OUTBOX_FULL = 204,
  SC_UNAVAILABLE_REKEY_REQUIRED = 205,
  SC_UNAVAILABLE_REKEY_IN_PROGRESS = 206,
  SC_UNAVAILABLE_TOO_MANY_TIMERS = 207,
  SC_UNAVAILABLE_NOT_TIMED = 208,
  SC_UNAVAILABLE_EXPIRED = 209,
  SC_UNAVAILABLE_NO_EXPORTER = 210,
};

/** `UserAction` of the Rust documentation. */
enum {
  SC_USER_ACTION_MARK_READ = 1,
  SC_USER_ACTION_DELETE = 2,
  SC_USER_ACTION_FLUSH_HISTORY = 3,
  SC_USER_ACTION_REPORT_SCREENSHOT = 4,
  SC_USER_ACTION_SET_TTL = 5,
};

/** `VerifyError` of the Rust documentation. */
enum {
  SC_VERIFY_ERROR_MISMATCH = 1001,
  SC_VERIFY_ERROR_OWN_CODE = 1002,
  SC_VERIFY_ERROR_NO_CODE = 1003,
  SC_VERIFY_ERROR_NEWER_CODE = 1004,
};

/** `Violation` of the Rust documentation. */
enum {
  SC_VIOLATION_SEQ_NEGATIVE = 16,
  SC_VIOLATION_SEQ_PARITY = 17,
  SC_VIOLATION_IN_SEQ_BACK = 18,
  SC_VIOLATION_IN_SEQ_AHEAD = 19,
  SC_VIOLATION_SEQ_EXHAUSTED = 20,
  SC_VIOLATION_LAYER_BACK = 21,
  SC_VIOLATION_BARE_OBJECT = 22,
  SC_VIOLATION_BODY_NOT_UNDERSTOOD = 23,
  SC_VIOLATION_RESEND_RANGE = 24,
  SC_VIOLATION_REKEY_UNEXPECTED = 25,
};

/**
 * The version of this interface, as the header has it. It grows when a program that was compiled with an earlier header
 * could go wrong with this library: a function is gone, takes other arguments or does something else, a struct has other
 * fields, or a number has another meaning. What is only added leaves it as it is. It is no version of `secretchat`.
 */
#define SC_ABI_VERSION 1

/**
 * The profile of Telegram's secret chats.
 */
#define SC_PROFILE_TELEGRAM 1

/**
 * The profile with X25519.
 */
#define SC_PROFILE_X25519 2

/**
 * The profile with X25519 and ML-KEM-768, against computers of the future.
 */
#define SC_PROFILE_HYBRID 3

/**
 * The timer of a message that may be seen once.
 */
#define SC_TTL_VIEW_ONCE 2147483647

/**
 * How many bytes the smallest datagrams have that a frame can be cut to.
 */
#define SC_MIN_MTU 50

/**
 * How many bytes the id of a frame has that was cut.
 */
#define SC_FRAME_ID_LEN 6

/**
 * No frame yet: more bytes are needed.
 */
#define SC_FRAME_NONE 0

/**
 * The peer asks for a chat: `bytes` is its public value.
 */
#define SC_FRAME_REQUEST 1

/**
 * The peer accepts: `bytes` is its public value, `fingerprint` that of the key.
 */
#define SC_FRAME_ACCEPT 2

/**
 * A message: `bytes`, `transmit_id`, and `file_id` if it names a file.
 */
#define SC_FRAME_CIPHERTEXT 3

/**
 * The peer ends the chat: `history`, and `mac` and `sent` with a proof.
 */
#define SC_FRAME_DISCARD 4

/**
 * The peer has it durably: `transmit_id`, and `mac` for a Discard that was proved.
 */
#define SC_FRAME_RECEIPT 5

/**
 * A part of a file: `file_id`, `offset`, `total` and `bytes`.
 */
#define SC_FRAME_FILE_PART 6

/**
 * The peer asks for parts of a file: `file_id`, and `bytes` with the ranges that it misses.
 */
#define SC_FRAME_FILE_REQUEST 7

/**
 * A file will not be needed: `file_id`.
 */
#define SC_FRAME_FILE_CANCEL 8

/**
 * A time that is not known.
 */
#define SC_NO_TIME UINT64_MAX

/**
 * How many bytes the name of a record has.
 */
#define SC_RECORD_NAME_LEN 9

/**
 * How many bytes a token has.
 */
#define SC_RESUME_TOKEN_LEN 127

/**
 * How many bytes the host's key for its tokens has. One key serves all files.
 */
#define SC_RESUME_KEY_LEN 32

/**
 * How many bytes an encrypted file in segments begins with, before its first segment.
 */
#define SC_SEGMENT_HEADER_LEN 40

/**
 * How many bytes a verification value has.
 */
#define SC_VERIFICATION_LEN 36

/**
 * How many cells a row and a column of its picture have.
 */
#define SC_PICTURE_SIDE 12

/**
 * Bytes that a function made: a file, a frame, a text. They are wiped when they are freed.
 */
typedef struct ScBuffer ScBuffer;

/**
 * One end of a chat.
 */
typedef struct ScChat ScChat;

/**
 * Takes frames out of a stream of bytes.
 */
typedef struct ScDecoder ScDecoder;

/**
 * Decrypts a file, piece by piece.
 */
typedef struct ScDecryptor ScDecryptor;

/**
 * Encrypts a file, piece by piece.
 */
typedef struct ScEncryptor ScEncryptor;

/**
 * The clocks and the randomness that calls are made with. Set the time before each call.
 */
typedef struct ScEnv ScEnv;

/**
 * The datagrams of one frame.
 */
typedef struct ScFragments ScFragments;

/**
 * A Diffie-Hellman group that was checked, for the Telegram profile.
 */
typedef struct ScGroup ScGroup;

/**
 * A request of the peer that the user has not answered yet.
 */
typedef struct ScInvitation ScInvitation;

/**
 * The key of an opened medium. **Free it at the deadline**, which wipes the key and the preview, and destroy what you
 * decrypted with it.
 */
typedef struct ScLease ScLease;

/**
 * The key of a file, wiped when it is freed.
 */
typedef struct ScMediaKey ScMediaKey;

/**
 * Opens the segments of one file, in any order.
 */
typedef struct ScOpener ScOpener;

/**
 * Reads messages for notifications from the records of a chat, without changing it.
 */
typedef struct ScPeeker ScPeeker;

/**
 * Reads a file that will be encrypted, once. It is read a second time to encrypt it.
 */
typedef struct ScPlan ScPlan;

/**
 * Puts frames together from datagrams: whole ones and fragments, in any order and any number of times.
 *
 * **Nothing in a fragment is authentic.** Where the link tells senders apart, keep one for each of them.
 */
typedef struct ScReassembler ScReassembler;

/**
 * A file that goes on, once its content was shown again.
 */
typedef struct ScResuming ScResuming;

/**
 * Bytes of somebody else. Text is UTF-8, without a zero at its end.
 *
 * In what the library gives, `data` is null where there is nothing. In what a program gives, null with the length 0 is
 * empty, and means "none" where that differs from empty.
 */
typedef struct ScBytes {
  const uint8_t *data;
  size_t len;
} ScBytes;

/**
 * The result of a function: 0, or the number of an error.
 */
typedef int32_t ScStatus;

/**
 * The configuration of a chat. Fill it with `sc_config_init`, and change what you need. It borrows: its bytes must
 * stay until the call that it is passed to returns.
 */
typedef struct ScConfig {
  /**
   * One of `SC_PROFILE_...`.
   */
  uint16_t profile;
  /**
   * The policy for a peer that breaks the protocol, one of `SC_PEER_POLICY_...`. Telegram only.
   */
  uint16_t peer_policy;
  /**
   * The most that a notification shows, one of `SC_NOTIFICATION_...`.
   */
  uint16_t notification_cap;
  /**
   * The policy for a key that is overdue, one of `SC_REKEY_LIMIT_...`.
   */
  uint16_t rekey_limit;
  /**
   * The layer of this end. Telegram only.
   */
  int32_t layer;
  /**
   * Whether this end may send messages that are seen once. Telegram only; the other profiles always may.
   */
  uint8_t view_once;
  /**
   * Whether `sc_chat_export` will be used. Not in Telegram.
   */
  uint8_t exporter;
  /**
   * Whether messages get the least padding, so that their lengths show. Not in Telegram.
   */
  uint8_t small_padding;
  /**
   * The group, or null for the published one with the generator 3. Telegram only.
   */
  const struct ScGroup *group;
  /**
   * The id of this end, 1 to 255 bytes. Not in Telegram.
   */
  struct ScBytes local_id;
  /**
   * The id of the other end, 1 to 255 bytes. Not in Telegram.
   */
  struct ScBytes peer_id;
  /**
   * Anything else that both ends must agree on, at most 255 bytes.
   */
  struct ScBytes context;
  /**
   * Up to 4,096 bytes of the host's own, which the records keep sealed.
   */
  struct ScBytes host_data;
  /**
   * The randomness of Telegram's server, `dh_config.random`. Telegram only.
   */
  struct ScBytes server_random;
  /**
   * The key that seals the records, 32 bytes. Empty for a chat without records. **Wipe your copy.**
   */
  struct ScBytes store_key;
  /**
   * The shortest timer of the peer that is taken as it is, in seconds.
   */
  uint32_t ttl_shortest;
  /**
   * The longest timer of the peer that is taken as it is, in seconds.
   */
  uint32_t ttl_longest;
  /**
   * How many messages may wait for their acknowledgement.
   */
  uint32_t outbox_messages;
  /**
   * How many bytes may wait for their acknowledgement.
   */
  uint32_t outbox_bytes;
  /**
   * How many messages may wait for an earlier one.
   */
  uint32_t waiting_messages;
  /**
   * How many bytes may wait for an earlier message.
   */
  uint32_t waiting_bytes;
  /**
   * How far ahead a message may be that waits.
   */
  uint32_t waiting_span;
  /**
   * How many messages with a timer are kept.
   */
  uint32_t timed_messages;
  /**
   * How long a message to view once stays open.
   */
  uint64_t view_once_ms;
  /**
   * How long a Discard waits for its receipt.
   */
  uint64_t discard_patience_ms;
  /**
   * After how many messages the initiator asks for a new key.
   */
  uint32_t rekey_initiator_messages;
  /**
   * After how many messages the responder asks for a new key.
   */
  uint32_t rekey_responder_messages;
  /**
   * How many messages a key may protect.
   */
  uint32_t rekey_limit_messages;
  /**
   * After how many bytes this end asks for a new key; `UINT64_MAX` for never.
   */
  uint64_t rekey_bytes;
  /**
   * After what time this end asks for a new key.
   */
  uint64_t rekey_age_ms;
  /**
   * How old a key may become.
   */
  uint64_t rekey_limit_age_ms;
  /**
   * How long an exchange may take.
   */
  uint64_t rekey_patience_ms;
} ScConfig;

/**
 * Ids of messages, of somebody else.
 */
typedef struct ScIds {
  const int64_t *data;
  size_t len;
} ScIds;

/**
 * A message that was deleted, and its file.
 */
typedef struct ScFileOf {
  /**
   * The message.
   */
  int64_t random_id;
  /**
   * The host's name of its file.
   */
  struct ScBytes file;
} ScFileOf;

/**
 * A part of a text that looks or acts differently.
 */
typedef struct ScEntity {
  /**
   * One of `SC_ENTITY_KIND_...`.
   */
  uint16_t kind;
  /**
   * Where it begins, in UTF-16 code units.
   */
  uint32_t offset;
  /**
   * How long it is, in UTF-16 code units.
   */
  uint32_t length;
  /**
   * The language of `SC_ENTITY_KIND_PRE`, the address of `SC_ENTITY_KIND_TEXT_URL`.
   */
  struct ScBytes text;
  /**
   * The user of `SC_ENTITY_KIND_MENTION_NAME`, the document of `SC_ENTITY_KIND_CUSTOM_EMOJI`.
   */
  int64_t id;
} ScEntity;

/**
 * A medium. All zeros but for the kind is one without details; only the fields of its kind count. It borrows.
 */
typedef struct ScMedia {
  /**
   * One of `SC_MEDIA_...`.
   */
  uint16_t kind;
  /**
   * For a document, one of `SC_DOCUMENT_KIND_...`.
   */
  uint16_t document_kind;
  /**
   * For a document: whether `width` and `height` are those of a picture that is sent as a file.
   */
  uint8_t has_image_size;
  /**
   * The width of a photo, video, animation or preview in pixels, or the side of a round video.
   */
  uint32_t width;
  /**
   * The height of a photo, video or animation in pixels.
   */
  uint32_t height;
  /**
   * The duration of a video, animation, audio or voice message in seconds.
   */
  uint32_t duration;
  /**
   * The size of the file in bytes, not encrypted.
   */
  uint64_t size;
  /**
   * The key of the file, 32 bytes, or null. **Secret.**
   */
  struct ScBytes key;
  /**
   * The other half of the key, 32 bytes. **Secret.**
   */
  struct ScBytes iv;
  /**
   * The MIME type of a document.
   */
  struct ScBytes mime_type;
  /**
   * The file name of a document, or null. That of a peer may be anything: never use it as a path.
   */
  struct ScBytes file_name;
  /**
   * The title of an audio or a venue.
   */
  struct ScBytes title;
  /**
   * The performer of an audio.
   */
  struct ScBytes performer;
  /**
   * The waveform of a voice message.
   */
  struct ScBytes waveform;
  /**
   * The emoji of a sticker.
   */
  struct ScBytes alt;
  /**
   * The short name of a sticker's set, or null.
   */
  struct ScBytes sticker_set;
  /**
   * A small preview, a JPEG, or null.
   */
  struct ScBytes thumbnail;
  /**
   * The width of the preview in pixels.
   */
  uint32_t thumbnail_width;
  /**
   * The height of the preview in pixels.
   */
  uint32_t thumbnail_height;
  /**
   * The latitude of a place in degrees.
   */
  double latitude;
  /**
   * The longitude of a place in degrees.
   */
  double longitude;
  /**
   * The address of a venue.
   */
  struct ScBytes address;
  /**
   * The provider of a venue.
   */
  struct ScBytes provider;
  /**
   * The provider's id of a venue.
   */
  struct ScBytes venue_id;
  /**
   * The phone number of a contact.
   */
  struct ScBytes phone_number;
  /**
   * The first name of a contact.
   */
  struct ScBytes first_name;
  /**
   * The last name of a contact.
   */
  struct ScBytes last_name;
  /**
   * The address of a web page.
   */
  struct ScBytes url;
  /**
   * The id of an external document.
   */
  int64_t id;
  /**
   * The access hash of an external document.
   */
  int64_t access_hash;
  /**
   * The Telegram user of a contact, or 0.
   */
  int32_t user_id;
  /**
   * The data centre of an external document.
   */
  int32_t dc_id;
  /**
   * The date of an external document, in seconds since 1970.
   */
  int32_t date;
} ScMedia;

/**
 * The rights of this end's user over a message.
 */
typedef struct ScRights {
  /**
   * The most that a notification shows, one of `SC_NOTIFICATION_...`.
   */
  uint16_t notification;
  /**
   * Whether it may be forwarded.
   */
  uint8_t may_forward;
  /**
   * Whether it may be saved.
   */
  uint8_t may_save;
  /**
   * Whether its text may be copied.
   */
  uint8_t may_copy;
  /**
   * Whether the screen may be captured while it is shown.
   */
  uint8_t may_screenshot;
  /**
   * Whether it is hidden until `sc_chat_open_view`.
   */
  uint8_t is_hidden_until_opened;
} ScRights;

/**
 * The content of a message. Everything is borrowed.
 */
typedef struct ScContent {
  /**
   * The text, or the caption of the medium.
   */
  struct ScBytes text;
  /**
   * The entities of the text.
   */
  const struct ScEntity *entities;
  /**
   * How many entities there are.
   */
  size_t entity_count;
  /**
   * The medium, or null.
   */
  const struct ScMedia *media;
  /**
   * The user's rights over it.
   */
  struct ScRights rights;
} ScContent;

/**
 * Where a message stands in the history.
 */
typedef struct ScPosition {
  /**
   * Who sent it, one of `SC_ROLE_...`.
   */
  uint16_t sender;
  /**
   * Its number among the messages of its sender.
   */
  uint32_t slot;
  /**
   * How many messages of the other end its sender had seen.
   */
  uint32_t acknowledged;
  /**
   * Messages are shown by ascending order.
   */
  uint32_t order;
} ScPosition;

/**
 * The file of a message, as the transport names it.
 */
typedef struct ScIncomingFile {
  /**
   * The name by which the host finds the file. Null if there is no file.
   */
  struct ScBytes reference;
  /**
   * The size of the encrypted file, if `has_size` is not 0.
   */
  uint64_t size;
  /**
   * The fingerprint of its key, if `has_fingerprint` is not 0.
   */
  int32_t fingerprint;
  /**
   * Whether the size is known.
   */
  uint8_t has_size;
  /**
   * Whether the fingerprint is known.
   */
  uint8_t has_fingerprint;
} ScIncomingFile;

/**
 * A message of the peer. Everything is borrowed.
 */
typedef struct ScMessage {
  /**
   * The content. It is empty if the message is hidden until it is opened.
   */
  struct ScContent content;
  /**
   * Its id.
   */
  int64_t random_id;
  /**
   * Where it stands in the history.
   */
  struct ScPosition position;
  /**
   * When it was sent, in milliseconds since 1970.
   */
  uint64_t date_ms;
  /**
   * The file that came with it; `reference` is null if there is none.
   */
  struct ScIncomingFile file;
  /**
   * The message that it answers, if `has_reply_to` is not 0.
   */
  int64_t reply_to;
  /**
   * The album that it belongs to, if `has_grouped_id` is not 0.
   */
  int64_t grouped_id;
  /**
   * The bot that it was made with, or null.
   */
  struct ScBytes via_bot;
  /**
   * Its timer in seconds: 0 for none, or `SC_TTL_VIEW_ONCE`.
   */
  uint32_t ttl;
  /**
   * The layer of its sender.
   */
  int32_t layer;
  /**
   * Whether it answers a message.
   */
  uint8_t has_reply_to;
  /**
   * Whether it belongs to an album.
   */
  uint8_t has_grouped_id;
  /**
   * Whether it comes without a sound.
   */
  uint8_t is_silent;
} ScMessage;

/**
 * A checkpoint of a chat's records. Keep it elsewhere, where nobody can set it back.
 */
typedef struct ScCheckpoint {
  /**
   * Grows with each batch.
   */
  uint64_t generation;
  /**
   * Tells branches of the same generation apart.
   */
  uint8_t tag[16];
} ScCheckpoint;

/**
 * A record: a row of the host's store. Its key is the chat's id with the name.
 */
typedef struct ScRow {
  /**
   * Its name.
   */
  uint8_t name[SC_RECORD_NAME_LEN];
  /**
   * Its bytes, which are sealed. Null in a list of rows to delete.
   */
  struct ScBytes value;
} ScRow;

/**
 * Rows to write and to delete, in one transaction, before the next output is taken. Everything is borrowed.
 */
typedef struct ScBatch {
  /**
   * The chat.
   */
  uint8_t chat_id[16];
  /**
   * The state after this batch.
   */
  struct ScCheckpoint checkpoint;
  /**
   * The rows to write.
   */
  const struct ScRow *put;
  /**
   * How many rows to write.
   */
  size_t put_count;
  /**
   * The rows to delete.
   */
  const struct ScRow *remove;
  /**
   * How many rows to delete.
   */
  size_t remove_count;
  /**
   * Whether what is replaced or deleted must leave no copy: no free page, no journal.
   */
  uint8_t destroys;
} ScBatch;

/**
 * An output of a chat. Only the fields that are named for its kind count; the others are 0 or null. What it points to
 * is valid until the next `sc_chat_poll` of that chat, or until the chat is freed.
 */
typedef struct ScOutput {
  /**
   * One of `SC_OUTPUT_...`, or 0 if there is none.
   */
  uint16_t kind;
  /**
   * The event, one of `SC_EVENT_...`, or the transmission, one of `SC_TRANSMIT_KIND_...`.
   */
  uint16_t what;
  /**
   * Why: of `CLOSED` one of `SC_CLOSE_REASON_...` or `SC_VIOLATION_...`, of `REKEY_FAILED` one of
   * `SC_REKEY_FAILURE_...`.
   */
  uint16_t reason;
  /**
   * The action: for `ACTION_FAILED` one of `SC_USER_ACTION_...`, for `TYPING` one of `SC_TYPING_ACTION_...`.
   */
  uint16_t action;
  /**
   * For `CLOSED` and a Discard: one of `SC_HISTORY_...`.
   */
  uint16_t history;
  /**
   * For a ciphertext: whether it is a service message, which needs no notification.
   */
  uint8_t is_service;
  /**
   * For a ciphertext: whether the peer should hear no sound.
   */
  uint8_t is_silent;
  /**
   * For a transmission `TYPING`: whether the user is typing.
   */
  uint8_t is_typing;
  /**
   * For a Discard: whether `bytes` and `sent` prove it.
   */
  uint8_t has_proof;
  /**
   * For `CLOSED`: whether the chat was set back.
   */
  uint8_t is_set_back;
  /**
   * For `CLOSED`: whether `missing` is known.
   */
  uint8_t has_missing;
  /**
   * For `TTL_CHANGED`: whether both ends set a timer at the same time.
   */
  uint8_t is_crossed;
  /**
   * For `OPENED`: whether there is a lease to take with `sc_chat_take_lease`.
   */
  uint8_t has_lease;
  /**
   * The transmission: of every transmission, `SENT`, `FAILED` and `ACTION_FAILED`.
   */
  uint64_t transmit_id;
  /**
   * The message: of a ciphertext, `MESSAGE`, `SENT`, `FAILED`, `OPENED`, `EXPIRED` and `KEY_REFUSED`.
   */
  int64_t random_id;
  /**
   * The time: of `SENT` and `READ_UP_TO`, in milliseconds since 1970.
   */
  uint64_t date_ms;
  /**
   * Up to when the messages were read: of `READ_UP_TO` and a transmission `READ`.
   */
  uint64_t max_date_ms;
  /**
   * For `OPENED`: when the message ends.
   */
  uint64_t deadline_ms;
  /**
   * For `TTL_CHANGED` and `ACTION_FAILED` with `SET_TTL`: the timer in seconds.
   */
  uint32_t ttl;
  /**
   * For `TTL_CHANGED`: what the peer asked for.
   */
  uint32_t asked_ttl;
  /**
   * For `PEER_LAYER`: the layer.
   */
  int32_t layer;
  /**
   * For `REKEYED`: how many keys were exchanged so far.
   */
  uint32_t rekeys;
  /**
   * For `CHECK_OUTDATED`: at which number of exchanges the users compared.
   */
  uint32_t compared_at;
  /**
   * For `CLOSED`: how many messages of the peer are missing.
   */
  uint32_t missing;
  /**
   * For a Discard with a proof: the number that belongs to it.
   */
  uint32_t sent;
  /**
   * For an Accept: the fingerprint of the key.
   */
  int64_t fingerprint;
  /**
   * For a Request and an Accept the public value, for a ciphertext its bytes, for a Discard the 32 bytes of its proof, for
   * `READY` the 36 bytes of the verification value.
   */
  struct ScBytes bytes;
  /**
   * The host's name of a file: of a ciphertext and `EXPIRED`. Null if there is none.
   */
  struct ScBytes file;
  /**
   * The messages: of `ACKNOWLEDGED`, `READ_BY_PEER`, `SCREENSHOT` and `DELETED`.
   */
  struct ScIds ids;
  /**
   * For `DELETED`: the files of messages that are gone.
   */
  const struct ScFileOf *files;
  /**
   * How many such files there are.
   */
  size_t file_count;
  /**
   * For `MESSAGE`: the message.
   */
  const struct ScMessage *message;
  /**
   * For `OPENED`: what the message says that was hidden, or null. **Destroy your copies at the deadline.**
   */
  const struct ScContent *content;
  /**
   * For a batch: the records to write, before the next output is taken.
   */
  const struct ScBatch *batch;
} ScOutput;

/**
 * A message to send. All zeros is a message that says nothing: set what it has. It borrows.
 */
typedef struct ScDraft {
  /**
   * The text, or the caption of the medium.
   */
  struct ScBytes text;
  /**
   * The entities of the text.
   */
  const struct ScEntity *entities;
  /**
   * How many entities there are.
   */
  size_t entity_count;
  /**
   * The medium, or null.
   */
  const struct ScMedia *media;
  /**
   * The name by which the transport finds the encrypted file, or null.
   */
  struct ScBytes file;
  /**
   * The bot that it was made with, or null.
   */
  struct ScBytes via_bot;
  /**
   * The id to use, if `has_random_id` is not 0.
   */
  int64_t random_id;
  /**
   * The message that it answers, if `has_reply_to` is not 0.
   */
  int64_t reply_to;
  /**
   * Its own timer in seconds, if `has_ttl` is not 0: 0 for none, or `SC_TTL_VIEW_ONCE`. Otherwise the chat's counts.
   */
  uint32_t ttl;
  /**
   * Whether `random_id` counts.
   */
  uint8_t has_random_id;
  /**
   * Whether `reply_to` counts.
   */
  uint8_t has_reply_to;
  /**
   * Whether `ttl` counts.
   */
  uint8_t has_ttl;
  /**
   * Whether it comes without a sound.
   */
  uint8_t is_silent;
  /**
   * Whether the peer should neither forward nor save it.
   */
  uint8_t is_protected;
  /**
   * Whether the peer sees it only after opening it. Needs a timer.
   */
  uint8_t is_hidden;
} ScDraft;

/**
 * The answer to an action that is done here: whether the peer will hear of it.
 */
typedef struct ScNotice {
  /**
   * One of `SC_NOTICE_...`.
   */
  uint16_t kind;
  /**
   * The limit that forbids it, if it was left out.
   */
  ScStatus error;
  /**
   * The transmission that tells the peer, if it was queued.
   */
  uint64_t transmit_id;
} ScNotice;

/**
 * One outcome of the diagnosis.
 */
typedef struct ScOutcome {
  /**
   * The call that it came of, one of `SC_CAUSE_...`.
   */
  uint16_t cause;
  /**
   * How many times in a row.
   */
  uint8_t times;
  /**
   * The minute of the last time, in milliseconds since 1970.
   */
  uint64_t minute_ms;
  /**
   * Its name. It is always valid.
   */
  struct ScBytes name;
} ScOutcome;

/**
 * The most that a reassembler keeps, which is what a stranger can make it keep.
 */
typedef struct ScFragmentBounds {
  /**
   * How many frames may be incomplete.
   */
  uint32_t frames;
  /**
   * How many bytes of them may be kept.
   */
  uint32_t bytes;
  /**
   * How long a frame may be silent before it is given up: longer than the pause between two sendings.
   */
  uint64_t patience_ms;
} ScFragmentBounds;

/**
 * A frame. Only the fields that are named for its kind count.
 */
typedef struct ScFrame {
  /**
   * One of `SC_FRAME_...`.
   */
  uint16_t kind;
  /**
   * For a Discard, one of `SC_HISTORY_...`.
   */
  uint16_t history;
  /**
   * Whether `file_id` counts, of a message.
   */
  uint8_t has_file;
  /**
   * Whether `mac` counts, of a Discard and a receipt.
   */
  uint8_t has_mac;
  /**
   * The chat, as the two ends named it.
   */
  uint8_t tag[16];
  /**
   * The file.
   */
  uint8_t file_id[16];
  /**
   * The proof of a Discard, or of its receipt.
   */
  uint8_t mac[32];
  /**
   * The number that belongs to the proof of a Discard.
   */
  uint32_t sent;
  /**
   * The transmission, of a message and a receipt.
   */
  uint64_t transmit_id;
  /**
   * The fingerprint of the key, of an Accept.
   */
  int64_t fingerprint;
  /**
   * Where a part of a file begins.
   */
  uint64_t offset;
  /**
   * How long the file is.
   */
  uint64_t total;
  /**
   * The bytes. In a decoded frame they are valid until the next call on the decoder.
   */
  struct ScBytes bytes;
} ScFrame;

/**
 * The medium of a lease. The preview is borrowed from the lease.
 */
typedef struct ScLeaseInfo {
  /**
   * The size of the file in bytes, not encrypted.
   */
  uint64_t size;
  /**
   * The user's rights over it.
   */
  struct ScRights rights;
  /**
   * A small preview, a JPEG, or null.
   */
  struct ScBytes thumbnail;
  /**
   * The width of the preview in pixels.
   */
  uint32_t thumbnail_width;
  /**
   * The height of the preview in pixels.
   */
  uint32_t thumbnail_height;
} ScLeaseInfo;

/**
 * The part of a message that a notification may show. The fields after `kind` count for `SC_PEEK_MESSAGE`.
 */
typedef struct ScPreview {
  /**
   * One of `SC_PEEK_...`.
   */
  uint16_t kind;
  /**
   * The most that a notification shows, one of `SC_NOTIFICATION_...`.
   */
  uint16_t most;
  /**
   * Whether an earlier message has not come yet.
   */
  uint8_t is_early;
  /**
   * Whether it comes without a sound.
   */
  uint8_t is_silent;
  /**
   * Whether there is content to show: the fields below.
   */
  uint8_t has_content;
  /**
   * The id of the message.
   */
  int64_t random_id;
  /**
   * Where it stands in the history.
   */
  struct ScPosition position;
  /**
   * The text, or the caption of the medium.
   */
  struct ScBytes text;
  /**
   * The entities of the text.
   */
  const struct ScEntity *entities;
  /**
   * How many entities there are.
   */
  size_t entity_count;
  /**
   * The name of the kind of medium, such as `photo`, or null.
   */
  struct ScBytes media;
} ScPreview;

/**
 * How far a file is, in bytes.
 */
typedef struct ScProgress {
  /**
   * How many bytes are done.
   */
  uint64_t done;
  /**
   * How many there are.
   */
  uint64_t total;
} ScProgress;

/**
 * The segments of a file.
 */
typedef struct ScLayout {
  /**
   * How many bytes of content there are.
   */
  uint64_t size;
  /**
   * How many segments there are, with those that are only padding.
   */
  uint64_t count;
  /**
   * How many bytes the encrypted file has.
   */
  uint64_t encrypted_len;
  /**
   * How many bytes of content each segment has but the last: byte `n` is in the segment `n / segment_size`.
   */
  uint32_t segment_size;
} ScLayout;

/**
 * Where a segment is.
 */
typedef struct ScSegment {
  /**
   * Where it begins in the encrypted file.
   */
  uint64_t offset;
  /**
   * How many bytes it has there.
   */
  uint32_t encrypted_len;
  /**
   * How many bytes of content it has: 0 if it is only padding.
   */
  uint32_t content_len;
  /**
   * Whether the content ends in it.
   */
  uint8_t is_last;
} ScSegment;

/**
 * The state of a chat, without secrets.
 */
typedef struct ScState {
  /**
   * One of `SC_CHAT_STATE_...`.
   */
  uint16_t state;
  /**
   * The reason why it is closed, one of `SC_CLOSE_REASON_...` or `SC_VIOLATION_...`.
   */
  uint16_t reason;
  /**
   * One of `SC_ROLE_...`.
   */
  uint16_t role;
  /**
   * One of `SC_REKEY_STATE_...`.
   */
  uint16_t rekey;
  /**
   * Whether `id` is known.
   */
  uint8_t has_id;
  /**
   * Whether `key_fingerprint` is known.
   */
  uint8_t has_key_fingerprint;
  /**
   * Whether `verification` is known.
   */
  uint8_t has_verification;
  /**
   * Whether `check` is known.
   */
  uint8_t has_check;
  /**
   * Whether the users compared a value.
   */
  uint8_t is_verified;
  /**
   * Whether it was the check, which `verified_check` numbers.
   */
  uint8_t has_verified_check;
  /**
   * Whether it keeps records.
   */
  uint8_t has_checkpoint;
  /**
   * Whether `discard_receipt` is what to answer the peer's Discard with.
   */
  uint8_t has_discard_receipt;
  /**
   * Whether it owes the peer an acknowledgement.
   */
  uint8_t owes_acknowledgement;
  /**
   * Whether it waits for the transport.
   */
  uint8_t awaits_transport;
  /**
   * Its id, which its records have.
   */
  uint8_t id[16];
  /**
   * The verification value of the chat.
   */
  uint8_t verification[36];
  /**
   * The verification value of the current key.
   */
  uint8_t check[36];
  /**
   * The answer to the peer's Discard.
   */
  uint8_t discard_receipt[32];
  /**
   * The fingerprint of the current key.
   */
  int64_t key_fingerprint;
  /**
   * The exchange that is in progress, or 0.
   */
  int64_t exchange_id;
  /**
   * The fingerprint of the next key, with `SC_REKEY_STATE_ACCEPTED`.
   */
  int64_t next_fingerprint;
  /**
   * The check that the users compared.
   */
  uint32_t verified_check;
  /**
   * The layer of this end.
   */
  int32_t own_layer;
  /**
   * The layer of the peer.
   */
  int32_t peer_layer;
  /**
   * The timer of the chat in seconds: 0 for none, or `SC_TTL_VIEW_ONCE`.
   */
  uint32_t ttl;
  /**
   * How many keys were exchanged after the first.
   */
  uint32_t rekeys;
  /**
   * How many messages were sent, service messages included.
   */
  uint32_t sent;
  /**
   * How many of them the peer has acknowledged.
   */
  uint32_t acknowledged;
  /**
   * How many messages came.
   */
  uint32_t received;
  /**
   * The checkpoint of its records.
   */
  struct ScCheckpoint checkpoint;
  /**
   * When it wants to hear of the time, or `SC_NO_TIME`.
   */
  uint64_t timeout_ms;
} ScState;

/**
 * Everything went well.
 */
#define SC_OK 0

/**
 * A pointer is null that must not be.
 */
#define SC_ERROR_NULL 1

/**
 * A length is not the one that is needed.
 */
#define SC_ERROR_LENGTH 2

/**
 * A number names nothing.
 */
#define SC_ERROR_VALUE 3

/**
 * A text is not UTF-8.
 */
#define SC_ERROR_TEXT 4

/**
 * A handle was used up, or there is no output to take this from.
 */
#define SC_ERROR_USE 5

/**
 * There is no randomness. Nothing has changed: give more and repeat the call.
 */
#define SC_ERROR_RANDOM 6

/**
 * The library has a defect. Nothing has changed.
 */
#define SC_ERROR_PANIC 7

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the version of the interface that the library has. A program that finds the library when it starts compares
 * it with `SC_ABI_VERSION`, and goes no further if they differ.
 */
uint32_t sc_abi_version(void);

/**
 * Returns the bytes of a buffer. They are valid until it is freed.
 */
struct ScBytes sc_buffer_bytes(const struct ScBuffer *buffer);

/**
 * Returns where the bytes of a buffer are.
 */
const uint8_t *sc_buffer_data(const struct ScBuffer *buffer);

/**
 * Returns how many bytes a buffer has.
 */
size_t sc_buffer_len(const struct ScBuffer *buffer);

/**
 * Wipes and frees a buffer.
 */
void sc_buffer_free(struct ScBuffer *buffer);

/**
 * Asks the peer for a chat. Take the outputs with `sc_chat_poll`: one of them is the request to carry.
 */
ScStatus sc_chat_request(const struct ScConfig *config,
                         struct ScEnv *env,
                         struct ScChat **out);

/**
 * Checks a request of the peer: its public value, and the configuration that the chat would have.
 */
ScStatus sc_invitation_parse(const uint8_t *public_value,
                             size_t public_len,
                             const struct ScConfig *config,
                             struct ScInvitation **out);

/**
 * Accepts an invitation. Free it afterwards.
 */
ScStatus sc_invitation_accept(const struct ScInvitation *invitation,
                              struct ScEnv *env,
                              struct ScChat **out);

/**
 * Declines an invitation. The output is the Discard to carry. Free the invitation afterwards.
 */
ScStatus sc_invitation_decline(const struct ScInvitation *invitation, struct ScOutput *out);

/**
 * Frees an invitation.
 */
void sc_invitation_free(struct ScInvitation *invitation);

/**
 * Restores a chat from its records after a restart.
 *
 * `chat_id` has 16 bytes, `key` 32. `expected` is a checkpoint that the host kept elsewhere, or null: records that are
 * older are refused (`SC_STORE_ERROR_ROLLED_BACK`).
 */
ScStatus sc_chat_restore(const uint8_t *chat_id,
                         const struct ScRow *rows,
                         size_t row_count,
                         const uint8_t *key,
                         const struct ScCheckpoint *expected,
                         struct ScEnv *env,
                         struct ScChat **out);

/**
 * Frees a chat, and wipes its keys. Its records stay.
 */
void sc_chat_free(struct ScChat *chat);

/**
 * Sends a message. `random_id` may be null; it gets the id of the message.
 */
ScStatus sc_chat_send(struct ScChat *chat, struct ScEnv *env, const struct ScDraft *draft, int64_t *random_id);

/**
 * Sends 2 to 10 photos, videos or files as an album. `random_ids` may be null; it gets `count` ids.
 */
ScStatus sc_chat_send_album(struct ScChat *chat,
                            struct ScEnv *env,
                            const struct ScDraft *drafts,
                            size_t count,
                            int64_t *random_ids);

/**
 * Sets the timer of the chat, in seconds; 0 for none, or `SC_TTL_VIEW_ONCE`.
 */
ScStatus sc_chat_set_ttl(struct ScChat *chat, struct ScEnv *env, uint32_t seconds);

/**
 * The user has read these messages. `notice` may be null.
 */
ScStatus sc_chat_mark_read(struct ScChat *chat,
                           struct ScEnv *env,
                           const int64_t *random_ids,
                           size_t count,
                           struct ScNotice *notice);

/**
 * The user has read all messages up to this date. Telegram only.
 */
ScStatus sc_chat_mark_read_up_to(struct ScChat *chat, struct ScEnv *env, uint64_t max_date_ms);

/**
 * The user opens a message with a timer. The event `SC_EVENT_OPENED` follows. `notice` may be null.
 */
ScStatus sc_chat_open_view(struct ScChat *chat,
                           struct ScEnv *env,
                           int64_t random_id,
                           struct ScNotice *notice);

/**
 * The user closes a message with a timer.
 */
ScStatus sc_chat_close_view(struct ScChat *chat, struct ScEnv *env, int64_t random_id);

/**
 * The user took a screenshot that shows these messages.
 */
ScStatus sc_chat_report_screenshot(struct ScChat *chat,
                                   struct ScEnv *env,
                                   const int64_t *random_ids,
                                   size_t count);

/**
 * Deletes messages at both ends. `notice` may be null.
 */
ScStatus sc_chat_delete(struct ScChat *chat,
                        struct ScEnv *env,
                        const int64_t *random_ids,
                        size_t count,
                        struct ScNotice *notice);

/**
 * Deletes all messages at both ends. `notice` may be null.
 */
ScStatus sc_chat_flush_history(struct ScChat *chat, struct ScEnv *env, struct ScNotice *notice);

/**
 * Tells the peer what the user is busy with, one of `SC_TYPING_ACTION_...`.
 */
ScStatus sc_chat_typing(struct ScChat *chat, struct ScEnv *env, uint16_t action);

/**
 * Tells the peer that this end reads a higher layer now. Telegram only.
 */
ScStatus sc_chat_announce_layer(struct ScChat *chat, struct ScEnv *env, int32_t layer);

/**
 * Asks for a new key.
 */
ScStatus sc_chat_rekey(struct ScChat *chat, struct ScEnv *env);

/**
 * Sends an acknowledgement, if one is owed.
 */
ScStatus sc_chat_acknowledge(struct ScChat *chat, struct ScEnv *env);

/**
 * Gives everything as outputs again that was not acknowledged: after a restart, and when a connection is back.
 */
ScStatus sc_chat_retransmit(struct ScChat *chat,
                            struct ScEnv *env);

/**
 * Gives the Accept as an output again, when the peer repeated its request.
 */
ScStatus sc_chat_accept_again(struct ScChat *chat, struct ScEnv *env);

/**
 * Ends the chat. `history` is one of `SC_HISTORY_...`: whether the peer should delete what it has.
 */
ScStatus sc_chat_close(struct ScChat *chat, struct ScEnv *env, uint16_t history);

/**
 * The users compared this verification value or check, of 36 bytes.
 */
ScStatus sc_chat_mark_verified(struct ScChat *chat, struct ScEnv *env, const uint8_t *value);

/**
 * This end scanned the code of the other end.
 */
ScStatus sc_chat_mark_scanned(struct ScChat *chat, struct ScEnv *env, const uint8_t *code, size_t len);

/**
 * Takes the mark away that the users compared a value.
 */
ScStatus sc_chat_clear_verified(struct ScChat *chat, struct ScEnv *env);

/**
 * Writes a secret of `secret_len` bytes, 1 to 8,160, for a channel of the host's own, such as a call. Both ends get the
 * same one for the same label, context and length. **Wipe your copy.**
 */
ScStatus sc_chat_export(const struct ScChat *chat,
                        const uint8_t *label,
                        size_t label_len,
                        const uint8_t *context,
                        size_t context_len,
                        uint8_t *secret,
                        size_t secret_len);

/**
 * Forgets what `sc_chat_export` derives secrets from, until the next key.
 */
ScStatus sc_chat_forget_exporter(struct ScChat *chat, struct ScEnv *env);

/**
 * Fills a configuration with the defaults of a profile, one of `SC_PROFILE_...`.
 */
ScStatus sc_config_init(struct ScConfig *out, uint16_t profile);

/**
 * Checks a configuration, as the calls that take one do.
 */
ScStatus sc_config_check(const struct ScConfig *config);

/**
 * Checks a group that the server named: a generator and a prime of 256 bytes. The published prime is known; any other
 * is checked to be a safe prime if `allow_safe_prime` is not 0, which takes a while, and refused otherwise. An empty
 * prime is the published one.
 */
ScStatus sc_group_check(uint32_t generator,
                        const uint8_t *prime,
                        size_t prime_len,
                        uint8_t allow_safe_prime,
                        struct ScEnv *env,
                        struct ScGroup **out);

/**
 * Frees a group.
 */
void sc_group_free(struct ScGroup *group);

/**
 * Makes the diagnosis as lines of text.
 */
ScStatus sc_chat_diagnosis(const struct ScChat *chat, struct ScBuffer **out);

/**
 * Writes an outcome of the diagnosis by its number from 0. `SC_ERROR_VALUE` after the last.
 */
ScStatus sc_chat_outcome(const struct ScChat *chat, size_t number, struct ScOutcome *out);

/**
 * Creates an environment with the randomness of the operating system.
 */
ScStatus sc_env_system(struct ScEnv **out);

/**
 * Creates an environment whose randomness is `bytes`, and what `sc_env_add_bytes` adds. **They must come from a secure
 * generator, and be used nowhere else.** Each byte is used once, in order, and then wiped.
 *
 * A call that needs more than there is returns `SC_ERROR_RANDOM` and has changed nothing. Add bytes and repeat it: it
 * draws from the same place again. (A library without `std` ends the process instead: see `sc_env_bytes_left`.)
 */
ScStatus sc_env_from_bytes(const uint8_t *bytes,
                           size_t len,
                           struct ScEnv **out);

/**
 * Adds random bytes behind those that are left.
 */
ScStatus sc_env_add_bytes(struct ScEnv *env, const uint8_t *bytes, size_t len);

/**
 * Returns how many random bytes are left, of an environment that was made from bytes; otherwise 0.
 */
size_t sc_env_bytes_left(const struct ScEnv *env);

/**
 * Returns how many bytes the draw was for that made a call return `SC_ERROR_RANDOM`; otherwise 0.
 */
size_t sc_env_bytes_wanted(const struct ScEnv *env);

/**
 * Sets the wall clock: milliseconds since 1970, in UTC. A chat never lets its time run backwards.
 */
ScStatus sc_env_set_now(struct ScEnv *env, uint64_t now_ms);

/**
 * Sets the monotonic clock, which then decides how much time has passed, so that setting the wall clock can neither
 * prolong a message nor end it early. `boot` names the start of the device, such as a counter; `since_boot_ms` is the
 * time since then, sleep included.
 */
ScStatus sc_env_set_monotonic(struct ScEnv *env,
                              uint64_t boot,
                              uint64_t since_boot_ms);

/**
 * Forgets the monotonic clock: the wall clock alone counts.
 */
ScStatus sc_env_clear_monotonic(struct ScEnv *env);

/**
 * Writes `len` random bytes to `out`: for an id or a store key.
 */
ScStatus sc_env_fill(struct ScEnv *env, uint8_t *out, size_t len);

/**
 * Frees an environment, and wipes its bytes.
 */
void sc_env_free(struct ScEnv *env);

/**
 * Writes the name of an error, such as `outbox_full`, into `buffer` with a zero behind it. A name that needs more than
 * `len` bytes is shortened.
 *
 * Returns the bytes of the whole name without the zero, and 0 for a number that is no error.
 */
size_t sc_error_name(ScStatus error,
                     char *buffer,
                     size_t len);

/**
 * Writes what happened and what to do about it, as one English sentence for developers. Otherwise as `sc_error_name`.
 */
size_t sc_error_advice(ScStatus error,
                       char *buffer,
                       size_t len);

/**
 * Encrypts a whole file for a chat of this profile, under a new key.
 */
ScStatus sc_media_seal(uint16_t profile,
                       const uint8_t *content,
                       size_t len,
                       struct ScEnv *env,
                       struct ScMediaKey **key,
                       struct ScBuffer **file);

/**
 * Decrypts a whole file. `size` is that of the medium: its length before it was encrypted.
 */
ScStatus sc_media_open(const struct ScMediaKey *key,
                       uint64_t size,
                       const uint8_t *file,
                       size_t len,
                       struct ScBuffer **content);

/**
 * Decrypts the whole file of a medium that came in this chat.
 */
ScStatus sc_chat_open_media(const struct ScChat *chat,
                            const struct ScMedia *medium,
                            const uint8_t *file,
                            size_t len,
                            struct ScBuffer **content);

/**
 * Makes a key from the two halves of a medium, of 32 bytes each, for a chat of this profile.
 */
ScStatus sc_media_key_from_parts(uint16_t profile, const uint8_t *key, const uint8_t *iv, struct ScMediaKey **out);

/**
 * Returns the first half of a key, which becomes `key` of an `ScMedia`. It is valid until the key is freed.
 */
struct ScBytes sc_media_key_key(const struct ScMediaKey *key);

/**
 * Returns the second half of a key, which becomes `iv` of an `ScMedia`. It is valid until the key is freed.
 */
struct ScBytes sc_media_key_iv(const struct ScMediaKey *key);

/**
 * Wipes and frees a key.
 */
void sc_media_key_free(struct ScMediaKey *key);

/**
 * Cuts a frame that is alone and whole into datagrams of at most `mtu` bytes. One that fits is not cut. A frame that is
 * sent again has the same fragments.
 */
ScStatus sc_fragments_new(const uint8_t *frame,
                          size_t len,
                          size_t mtu,
                          struct ScFragments **out);

/**
 * Returns how many datagrams there are.
 */
size_t sc_fragments_count(const struct ScFragments *fragments);

/**
 * Returns a datagram by its number from 0; null after the last. It is valid until the fragments are freed.
 */
struct ScBytes sc_fragments_datagram(const struct ScFragments *fragments,
                                     size_t number);

/**
 * Returns the id of the frame, which `sc_reassembler_missing` names it by. It is valid until the fragments are freed.
 */
struct ScBytes sc_fragments_id(const struct ScFragments *fragments);

/**
 * Frees the datagrams of a frame.
 */
void sc_fragments_free(struct ScFragments *fragments);

/**
 * Fills the bounds with their defaults.
 */
ScStatus sc_fragment_bounds_init(struct ScFragmentBounds *out);

/**
 * Creates a reassembler. `bounds` may be null, for the defaults.
 */
ScStatus sc_reassembler_new(const struct ScFragmentBounds *bounds, struct ScReassembler **out);

/**
 * Takes one datagram at the time `now_ms`, in milliseconds since 1970. `out` gets the frame that it is, or that it
 * completes; the kind is `SC_FRAME_NONE` if it does not. What the frame points to is valid until the next call on this
 * handle, and as long as the datagram. After an error go on with the next datagram.
 */
ScStatus sc_reassembler_take(struct ScReassembler *reassembler,
                             const uint8_t *datagram,
                             size_t len,
                             uint64_t now_ms,
                             struct ScFrame *out);

/**
 * Says what an incomplete frame lacks, by its number from 0: its id, of `SC_FRAME_ID_LEN` bytes, and the numbers of the
 * missing fragments, as many as `room` has place for. `count` gets how many are missing. `SC_ERROR_VALUE` after the last
 * frame.
 */
ScStatus sc_reassembler_missing(const struct ScReassembler *reassembler,
                                size_t number,
                                uint8_t *frame_id,
                                uint16_t *fragments,
                                size_t room,
                                size_t *count);

/**
 * Returns how many bytes of incomplete frames a reassembler holds.
 */
size_t sc_reassembler_byte_count(const struct ScReassembler *reassembler);

/**
 * Frees a reassembler.
 */
void sc_reassembler_free(struct ScReassembler *reassembler);

/**
 * Makes the bytes of a frame.
 */
ScStatus sc_frame_encode(const struct ScFrame *frame, struct ScBuffer **out);

/**
 * Makes the bytes of a frame from the last output of a chat, which must be a transmission. `tag` has 16 bytes: the name
 * of the chat that both ends use. The name of a file must be its id of 16 bytes.
 */
ScStatus sc_chat_frame(const struct ScChat *chat,
                       const uint8_t *tag,
                       struct ScBuffer **out);

/**
 * Reads a frame that is alone and whole. What it points to is in `bytes`.
 */
ScStatus sc_frame_decode(const uint8_t *bytes, size_t len, struct ScFrame *out);

/**
 * Creates a decoder.
 */
ScStatus sc_decoder_new(struct ScDecoder **out);

/**
 * Gives bytes to a decoder. `taken` gets how many it took: take its frames, then give it the rest.
 */
ScStatus sc_decoder_push(struct ScDecoder *decoder, const uint8_t *bytes, size_t len, size_t *taken);

/**
 * Takes the next frame. Its kind is `SC_FRAME_NONE` if more bytes are needed. After an error the stream is lost: end
 * the connection.
 */
ScStatus sc_decoder_next(struct ScDecoder *decoder,
                         struct ScFrame *out);

/**
 * Ends a stream, and frees its decoder. An error if a frame was cut off.
 */
ScStatus sc_decoder_finish(struct ScDecoder *decoder);

/**
 * Frees a decoder.
 */
void sc_decoder_free(struct ScDecoder *decoder);

/**
 * The peer accepted: its public value and the fingerprint of the key.
 */
ScStatus sc_chat_accepted(struct ScChat *chat,
                          struct ScEnv *env,
                          const uint8_t *public_value,
                          size_t public_len,
                          int64_t fingerprint,
                          uint16_t *handled);

/**
 * Another device of this user accepted the request.
 */
ScStatus sc_chat_accepted_elsewhere(struct ScChat *chat, struct ScEnv *env, uint16_t *handled);

/**
 * A message came. `file` is null, or has no name, if no file came with it. Pass a message that names a file once the
 * file is there.
 * `date_ms` is the server's date, or `SC_NO_TIME`.
 */
ScStatus sc_chat_ciphertext(struct ScChat *chat,
                            struct ScEnv *env,
                            const uint8_t *bytes,
                            size_t len,
                            const struct ScIncomingFile *file,
                            uint64_t date_ms,
                            uint16_t *handled);

/**
 * The peer ended the chat. `history` is one of `SC_HISTORY_...`. `mac` is null or the 32 bytes of its proof, `sent` the
 * number that belongs to them.
 */
ScStatus sc_chat_discarded(struct ScChat *chat,
                           struct ScEnv *env,
                           uint16_t history,
                           const uint8_t *mac,
                           uint32_t sent,
                           uint16_t *handled);

/**
 * The answer to a Discard of one's own came. `proof` is null or has 32 bytes.
 */
ScStatus sc_chat_discard_receipt(struct ScChat *chat,
                                 struct ScEnv *env,
                                 const uint8_t *proof,
                                 uint16_t *handled);

/**
 * The transport accepted a transmission. `date_ms` is the server's date, or `SC_NO_TIME`.
 */
ScStatus sc_chat_carried(struct ScChat *chat,
                         struct ScEnv *env,
                         uint64_t transmit_id,
                         uint64_t date_ms,
                         uint16_t *handled);

/**
 * The transport refused a transmission: for good if `permanent` is not 0.
 */
ScStatus sc_chat_refused(struct ScChat *chat,
                         struct ScEnv *env,
                         uint64_t transmit_id,
                         uint8_t permanent,
                         uint16_t *handled);

/**
 * The server says that the peer has read up to `max_date_ms`, and when, or `SC_NO_TIME`.
 */
ScStatus sc_chat_peer_read(struct ScChat *chat,
                           struct ScEnv *env,
                           uint64_t max_date_ms,
                           uint64_t date_ms,
                           uint16_t *handled);

/**
 * The server says that the peer is typing.
 */
ScStatus sc_chat_peer_typing(struct ScChat *chat, struct ScEnv *env, uint16_t *handled);

/**
 * Time has passed. Call it when the time of `sc_chat_timeout` has come; it does no harm at other times.
 */
ScStatus sc_chat_handle_timeout(struct ScChat *chat,
                                struct ScEnv *env);

/**
 * Returns when `sc_chat_handle_timeout` is due, in milliseconds since 1970, or `SC_NO_TIME` for never.
 */
uint64_t sc_chat_timeout(const struct ScChat *chat);

/**
 * Writes what a lease says of its medium.
 */
ScStatus sc_lease_info(const struct ScLease *lease, struct ScLeaseInfo *out);

/**
 * Decrypts the whole file.
 */
ScStatus sc_lease_open(const struct ScLease *lease,
                       const uint8_t *file,
                       size_t len,
                       struct ScBuffer **content);

/**
 * Begins to decrypt the file, piece by piece.
 */
ScStatus sc_lease_decryptor(const struct ScLease *lease, struct ScDecryptor **out);

/**
 * Returns the first half of the key, which outlives the lease if you copy it. Use `sc_lease_open` instead.
 */
struct ScBytes sc_lease_hazmat_key(const struct ScLease *lease);

/**
 * Returns the second half of the key, as `sc_lease_hazmat_key` returns the first.
 */
struct ScBytes sc_lease_hazmat_iv(const struct ScLease *lease);

/**
 * Wipes and frees a lease.
 */
void sc_lease_free(struct ScLease *lease);

/**
 * Takes the next output of a chat. `kind` is 0 if there is none. Take all of them after every call, in order: write a
 * batch before you take the next one, then show events and carry transmissions.
 */
ScStatus sc_chat_poll(struct ScChat *chat,
                      struct ScOutput *out);

/**
 * Takes the lease of an opened medium from the last output, once.
 */
ScStatus sc_chat_take_lease(struct ScChat *chat, struct ScLease **out);

/**
 * Reads a message for a notification. Nothing changes: it is handled later. What `out` points to is valid until the
 * next `sc_chat_peek` of the chat.
 */
ScStatus sc_chat_peek(struct ScChat *chat,
                      const uint8_t *bytes,
                      size_t len,
                      struct ScPreview *out);

/**
 * Creates a peeker from the records of a chat, while another process may use the chat itself. `chat_id` has 16 bytes,
 * `key` 32.
 */
ScStatus sc_peeker_new(const uint8_t *chat_id,
                       const struct ScRow *rows,
                       size_t row_count,
                       const uint8_t *key,
                       struct ScPeeker **out);

/**
 * Reads a message for a notification. What `out` points to is valid until the next call on this handle.
 */
ScStatus sc_peeker_peek(struct ScPeeker *peeker,
                        const uint8_t *bytes,
                        size_t len,
                        struct ScPreview *out);

/**
 * Returns the bytes of the host's own that the chat was configured with. They are valid as long as the peeker.
 */
struct ScBytes sc_peeker_host_data(const struct ScPeeker *peeker);

/**
 * Frees a peeker, and wipes its keys.
 */
void sc_peeker_free(struct ScPeeker *peeker);

/**
 * Begins a file of `size` bytes for a chat of this profile, under a new key, which can go on after an interruption.
 *
 * Pass its whole content to `sc_plan_take`, then end the plan, and encrypt with what that gives. Whatever happens to
 * the file meanwhile, no place of it is encrypted with two contents.
 */
ScStatus sc_plan_new(uint16_t profile,
                     uint64_t size,
                     struct ScEnv *env,
                     struct ScPlan **out);

/**
 * Takes the next bytes of the content, in pieces of any length.
 */
ScStatus sc_plan_take(struct ScPlan *plan, const uint8_t *content, size_t len);

/**
 * Writes how much of the content was taken.
 */
ScStatus sc_plan_progress(const struct ScPlan *plan, struct ScProgress *out);

/**
 * Ends a plan that has taken all of the content. `encryptor` gets the encryptor, `token` the `SC_RESUME_TOKEN_LEN` bytes
 * of its start, for the `SC_RESUME_KEY_LEN` bytes of the host's key. Store the token, and the key of
 * `sc_encryptor_key`, before the first byte is sent. Free the plan afterwards.
 */
ScStatus sc_plan_finish(struct ScPlan *plan,
                        const uint8_t *host_key,
                        struct ScEnv *env,
                        struct ScEncryptor **encryptor,
                        uint8_t *token);

/**
 * Frees a plan.
 */
void sc_plan_free(struct ScPlan *plan);

/**
 * Says whether the batch of the last output follows the records that the store holds. `head` is their row `state`, or
 * the row `tombstone` if there is no state, or null if there is neither. Writes 1 or 0. A store that more than one
 * process writes to asks this inside of the transaction, and refuses a batch that does not follow.
 */
ScStatus sc_chat_batch_fits(const struct ScChat *chat,
                            const uint8_t *head,
                            size_t head_len,
                            uint8_t *fits);

/**
 * Writes the name of a record as text, such as `state` or `outgoing/3`, as `sc_error_name` does. `name` has
 * `SC_RECORD_NAME_LEN` bytes. Returns 0 for a name that no record has.
 */
size_t sc_record_name(const uint8_t *name,
                      char *buffer,
                      size_t len);

/**
 * Reads the checkpoint of the row `state` or `tombstone`, without a key.
 */
ScStatus sc_checkpoint_of_record(const uint8_t *value, size_t len, struct ScCheckpoint *out);

/**
 * Writes a token of `SC_RESUME_TOKEN_LEN` bytes that covers what came out so far, for the host's key. An earlier token
 * works too: then bytes come out once more. `SC_ERROR_USE` if the encryptor came from no plan.
 */
ScStatus sc_encryptor_token(const struct ScEncryptor *encryptor,
                            const uint8_t *host_key,
                            struct ScEnv *env,
                            uint8_t *token);

/**
 * Writes where in the encrypted file the bytes stand that come out next. `SC_ERROR_USE` if the encryptor came from no
 * plan.
 */
ScStatus sc_encryptor_place(const struct ScEncryptor *encryptor,
                            uint64_t *place);

/**
 * Begins to decrypt a file as `sc_decryptor_new` does, so that it can go on after an interruption.
 */
ScStatus sc_decryptor_new_resumable(const struct ScMediaKey *key,
                                    uint64_t size,
                                    struct ScDecryptor **out);

/**
 * Writes a token of `SC_RESUME_TOKEN_LEN` bytes that covers the content that came out so far, for the host's key.
 * `SC_ERROR_USE` if the decryptor cannot go on after an interruption.
 */
ScStatus sc_decryptor_token(const struct ScDecryptor *decryptor,
                            const uint8_t *host_key,
                            struct ScEnv *env,
                            uint8_t *token);

/**
 * Writes from where on a decryptor that has just started, or goes on, wants the encrypted file.
 * `SC_ERROR_USE` if it cannot go on after an interruption.
 */
ScStatus sc_decryptor_place(const struct ScDecryptor *decryptor, uint64_t *place);

/**
 * Goes on with an encryption. Show all of its content to `sc_resuming_check`, also what comes later, then take the
 * encryptor and pass it the content from `sc_resuming_offset` on.
 */
ScStatus sc_encryptor_resume(const struct ScMediaKey *key,
                             uint64_t size,
                             const uint8_t *token,
                             size_t token_len,
                             const uint8_t *host_key,
                             struct ScResuming **out);

/**
 * Goes on with a decryption. Show the first `sc_resuming_offset` bytes of the content that came out to
 * `sc_resuming_check`, then take the decryptor and pass it the encrypted file from `sc_decryptor_place` on.
 */
ScStatus sc_decryptor_resume(const struct ScMediaKey *key,
                             uint64_t size,
                             const uint8_t *token,
                             size_t token_len,
                             const uint8_t *host_key,
                             struct ScResuming **out);

/**
 * Returns how many bytes of content were done, or 0 once the handle was used up.
 */
uint64_t sc_resuming_offset(const struct ScResuming *resuming);

/**
 * Writes how much of the content was shown, and how much is to be shown.
 */
ScStatus sc_resuming_progress(const struct ScResuming *resuming, struct ScProgress *out);

/**
 * Takes the next bytes of the content, from its start on and in pieces of any length.
 */
ScStatus sc_resuming_check(struct ScResuming *resuming, const uint8_t *content, size_t len);

/**
 * Gives the encryptor, if the content is the one that the token covers. If it is not, the file starts over, with a new
 * key. Free the handle afterwards.
 */
ScStatus sc_resuming_encryptor(struct ScResuming *resuming,
                               struct ScEncryptor **out);

/**
 * Gives the decryptor, if the content is the one that the token covers. Free the handle afterwards.
 */
ScStatus sc_resuming_decryptor(struct ScResuming *resuming, struct ScDecryptor **out);

/**
 * Frees what was to go on.
 */
void sc_resuming_free(struct ScResuming *resuming);

/**
 * Creates an opener, from the key and the size of a medium and the first `SC_SEGMENT_HEADER_LEN` bytes of its encrypted
 * file. `SC_ERROR_VALUE` for a key of Telegram, whose files are not in segments.
 */
ScStatus sc_opener_new(const struct ScMediaKey *key,
                       uint64_t size,
                       const uint8_t *header,
                       size_t header_len,
                       struct ScOpener **out);

/**
 * Writes which segments the file has.
 */
ScStatus sc_opener_layout(const struct ScOpener *opener, struct ScLayout *out);

/**
 * Writes where the segment with this number from 0 is.
 */
ScStatus sc_opener_segment(const struct ScOpener *opener, uint64_t number, struct ScSegment *out);

/**
 * Decrypts a segment: `bytes` are those that `sc_opener_segment` tells, all of them. What comes out is authentic, and
 * stood at `number * segment_size` of the content.
 */
ScStatus sc_opener_open(const struct ScOpener *opener,
                        uint64_t number,
                        const uint8_t *bytes,
                        size_t len,
                        struct ScBuffer **content);

/**
 * Checks a segment and leaves it encrypted: to find out which segments of a file have arrived.
 */
ScStatus sc_opener_verify(const struct ScOpener *opener, uint64_t number, const uint8_t *bytes, size_t len);

/**
 * Wipes and frees an opener.
 */
void sc_opener_free(struct ScOpener *opener);

/**
 * Writes the state of a chat.
 */
ScStatus sc_chat_state(const struct ScChat *chat, struct ScState *out);

/**
 * Returns the profile of a chat, one of `SC_PROFILE_...`.
 */
uint16_t sc_chat_profile(const struct ScChat *chat);

/**
 * Returns the bytes of the host's own that the chat was configured with. They are valid as long as the chat.
 */
struct ScBytes sc_chat_host_data(const struct ScChat *chat);

/**
 * Writes where a message of one's own stands that is not acknowledged. `SC_ERROR_VALUE` if there is no such message.
 */
ScStatus sc_chat_position(const struct ScChat *chat,
                          int64_t random_id,
                          struct ScPosition *out);

/**
 * Returns whether the chat keeps a message of the peer with a timer: 1 or 0.
 */
uint8_t sc_chat_holds(const struct ScChat *chat, int64_t random_id);

/**
 * Returns when a message with a timer ends, in milliseconds since 1970, or `SC_NO_TIME`.
 */
uint64_t sc_chat_deadline(const struct ScChat *chat, int64_t random_id);

/**
 * Returns the host's name of the file of a message that the chat keeps, or null. It is valid until the next call of the
 * chat.
 */
struct ScBytes sc_chat_file_of(const struct ScChat *chat,
                               int64_t random_id);

/**
 * Returns the host's name of a file whose message is not acknowledged, by its number from 0; null after the last. It is
 * valid until the next call of the chat.
 */
struct ScBytes sc_chat_unacknowledged_file(const struct ScChat *chat,
                                           size_t number);

/**
 * Makes the code that the other end scans to compare this chat: a line of text.
 */
ScStatus sc_chat_scan_code(const struct ScChat *chat, struct ScBuffer **out);

/**
 * Begins to encrypt a file of `size` bytes for a chat of this profile, under a new key.
 */
ScStatus sc_encryptor_new(uint16_t profile,
                          uint64_t size,
                          struct ScEnv *env,
                          struct ScEncryptor **out);

/**
 * Encrypts the next piece. `taken` gets how many of its bytes were taken, `out` what to write, which is valid until the
 * next call on this handle. Go on with the rest until nothing is taken and nothing comes out: also after the last
 * piece, with none.
 */
ScStatus sc_encryptor_update(struct ScEncryptor *encryptor,
                             const uint8_t *bytes,
                             size_t len,
                             size_t *taken,
                             struct ScBytes *out);

/**
 * Returns how many bytes the encrypted file has, or 0 after `sc_encryptor_finish`.
 */
uint64_t sc_encryptor_encrypted_len(const struct ScEncryptor *encryptor);

/**
 * Writes how far the file is.
 */
ScStatus sc_encryptor_progress(const struct ScEncryptor *encryptor, struct ScProgress *out);

/**
 * Makes a copy of the key of a file that is not at its end yet.
 */
ScStatus sc_encryptor_key(const struct ScEncryptor *encryptor, struct ScMediaKey **key);

/**
 * Ends a file, and gives its key. An error if it is not whole. Free the encryptor afterwards.
 */
ScStatus sc_encryptor_finish(struct ScEncryptor *encryptor, struct ScMediaKey **key);

/**
 * Frees an encryptor.
 */
void sc_encryptor_free(struct ScEncryptor *encryptor);

/**
 * Begins to decrypt a file. `size` is that of the medium: its length before it was encrypted.
 */
ScStatus sc_decryptor_new(const struct ScMediaKey *key, uint64_t size, struct ScDecryptor **out);

/**
 * Decrypts the next piece, as `sc_encryptor_update` encrypts one. What comes out of a file in segments is authentic, and
 * whole once `sc_decryptor_finish` has returned 0. A file of Telegram is **never** authentic.
 */
ScStatus sc_decryptor_update(struct ScDecryptor *decryptor,
                             const uint8_t *bytes,
                             size_t len,
                             size_t *taken,
                             struct ScBytes *out);

/**
 * Writes how far the file is.
 */
ScStatus sc_decryptor_progress(const struct ScDecryptor *decryptor, struct ScProgress *out);

/**
 * Ends a file. An error if it is not whole. Free the decryptor afterwards.
 */
ScStatus sc_decryptor_finish(struct ScDecryptor *decryptor);

/**
 * Frees a decryptor, and wipes what it held.
 */
void sc_decryptor_free(struct ScDecryptor *decryptor);

/**
 * Makes the 36 words of a verification value, with a space between two.
 */
ScStatus sc_verification_words(const uint8_t *bytes, struct ScBuffer **out);

/**
 * Makes the four lines of hexadecimal digits of a verification value, with a line feed between two.
 */
ScStatus sc_verification_hex(const uint8_t *bytes, struct ScBuffer **out);

/**
 * Writes the 144 cells of the picture of a verification value, row by row: numbers of the colours.
 */
ScStatus sc_verification_cells(const uint8_t *bytes, uint8_t *cells);

/**
 * Writes the four colours of the picture, as 0xRRGGBB.
 */
ScStatus sc_verification_colours(uint32_t *colours);

/**
 * Makes the picture of a verification value as SVG.
 */
ScStatus sc_verification_svg(const uint8_t *bytes, struct ScBuffer **out);

/**
 * Makes the code that the end with this role, one of `SC_ROLE_...`, shows for scanning: a line of text.
 */
ScStatus sc_verification_scan_code(const uint8_t *bytes,
                                   uint16_t role,
                                   struct ScBuffer **out);

/**
 * Checks what the end with this role, one of `SC_ROLE_...`, scanned.
 */
ScStatus sc_verification_check_scanned(const uint8_t *bytes, uint16_t role, const uint8_t *code, size_t len);

/** Borrows `len` bytes. */
static inline ScBytes sc_bytes(const void *data, size_t len) {
  ScBytes bytes;
  bytes.data = (const uint8_t *)data;
  bytes.len = len;
  return bytes;
}

/** Borrows a text that ends with a zero. */
static inline ScBytes sc_text(const char *text) {
  size_t len = 0;
  while (text && text[len]) len++;
  return sc_bytes(text, len);
}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SECRETCHAT_H */
