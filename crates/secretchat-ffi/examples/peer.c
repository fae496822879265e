/* One end of a chat over standard input and output: frames come and go there. What happens is told on standard error.
 *
 *   peer PROFILE ROLE        PROFILE: telegram, x25519 or hybrid. ROLE: asks or answers.
 *
 * When the chat is ready it sends a text and a photo with a timer. It ends with the chat. It has no store, so it lives as long
 * as the process; crates/secretchat-python/tests/test_peer.py talks with it.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "secretchat.h"

enum { PHOTO = 100000, MOST = 1 << 20, PART = 1 << 14, TIMER = 2, QUIET = 1000 };

/* A sealed file: one goes, one comes. The parts of one that comes are in order, since a stream keeps theirs. */
typedef struct File {
  uint8_t id[16], bytes[MOST];
  uint64_t there, total;
} File;

static ScEnv *env;
static ScChat *chat;
static ScConfig config;
static uint8_t tag[16];
static File going, coming;
static int is_sent, is_closed;

static void must(ScStatus status, int line) {
  char advice[200];
  if (status == SC_OK) return;
  sc_error_advice(status, advice, sizeof advice);
  fprintf(stderr, "line %d: error %d: %s\n", line, (int)status, advice);
  exit(1);
}
#define MUST(call) must(call, __LINE__)

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* ---- what leaves ---- */

static void emit(ScBuffer *frame) {
  size_t len = sc_buffer_len(frame);
  if (fwrite(sc_buffer_data(frame), 1, len, stdout) != len || fflush(stdout)) exit(2);
  sc_buffer_free(frame);
}

static void carry(ScFrame frame) {
  ScBuffer *bytes;
  memcpy(frame.tag, tag, sizeof tag);
  MUST(sc_frame_encode(&frame, &bytes));
  emit(bytes);
}

static ScFrame of_file(uint16_t kind, const File *file) {
  ScFrame frame;
  memset(&frame, 0, sizeof frame);
  frame.kind = kind;
  memcpy(frame.file_id, file->id, sizeof file->id);
  frame.total = file->total;
  return frame;
}

static void receipt(uint64_t transmit_id, const uint8_t *mac) {
  ScFrame frame;
  memset(&frame, 0, sizeof frame);
  frame.kind = SC_FRAME_RECEIPT;
  frame.transmit_id = transmit_id;
  frame.has_mac = mac != NULL;
  if (mac) memcpy(frame.mac, mac, sizeof frame.mac);
  carry(frame);
}

static void send_parts(uint64_t start, uint64_t end) {
  for (; start < end; start += PART) {
    ScFrame frame = of_file(SC_FRAME_FILE_PART, &going);
    frame.offset = start;
    frame.bytes = sc_bytes(going.bytes + start, end - start < PART ? end - start : PART);
    carry(frame);
  }
}

/* The parts of a file go before its message. Later the peer is asked what it lacks: that is a part without bytes. */
static void offer(void) {
  if (is_sent) carry(of_file(SC_FRAME_FILE_PART, &going));
  else send_parts(0, going.total);
  is_sent = 1;
}

/* Asks for what is missing of the file that comes, or says that it is whole. */
static void answer(void) {
  ScFrame frame = of_file(SC_FRAME_FILE_REQUEST, &coming);
  uint8_t range[16];
  int i;
  for (i = 0; i < 8; i++) range[i] = (uint8_t)(coming.there >> 8 * i), range[8 + i] = (uint8_t)(coming.total >> 8 * i);
  frame.bytes = sc_bytes(range, coming.there < coming.total ? sizeof range : 0);
  carry(frame);
}

static void say(void) {
  static uint8_t picture[PHOTO];
  ScMediaKey *key;
  ScBuffer *sealed;
  ScMedia photo;
  ScDraft draft;
  size_t i;
  memset(&draft, 0, sizeof draft);
  draft.text = sc_text("hello from C");
  MUST(sc_chat_send(chat, env, &draft, NULL));
  for (i = 0; i < sizeof picture; i++) picture[i] = (uint8_t)(i * 31);
  MUST(sc_media_seal(config.profile, picture, sizeof picture, env, &key, &sealed));
  MUST(sc_env_fill(env, going.id, sizeof going.id));
  going.total = sc_buffer_len(sealed);
  memcpy(going.bytes, sc_buffer_data(sealed), sc_buffer_len(sealed));
  memset(&photo, 0, sizeof photo);
  photo.kind = SC_MEDIA_PHOTO;
  photo.width = 640, photo.height = 480;
  photo.size = sizeof picture;
  photo.key = sc_media_key_key(key), photo.iv = sc_media_key_iv(key);
  draft.text = sc_text("the lake");
  draft.media = &photo;
  draft.file = sc_bytes(going.id, sizeof going.id);
  draft.ttl = TIMER, draft.has_ttl = 1;
  MUST(sc_chat_send(chat, env, &draft, NULL));
  sc_buffer_free(sealed);
  sc_media_key_free(key);
}

/* ---- what happens ---- */

static unsigned long adler32(const uint8_t *bytes, size_t len) {
  unsigned long a = 1, b = 0;
  size_t i;
  for (i = 0; i < len; i++) a = (a + bytes[i]) % 65521, b = (b + a) % 65521;
  return b << 16 | a;
}

static void show(const ScMessage *message) {
  const ScMedia *media = message->content.media;
  const uint8_t *file = message->file.reference.data; /* of 16 bytes: see ciphertext() */
  ScBuffer *shown;
  fprintf(stderr, "message: %.*s\n", (int)message->content.text.len, (const char *)message->content.text.data);
  if (!media || !media->key.data || !file) return;
  if (memcmp(file, coming.id, sizeof coming.id) != 0) return; /* another one came since */
  if (sc_chat_open_media(chat, media, coming.bytes, coming.total, &shown) != SC_OK) {
    fprintf(stderr, "the photo is damaged\n");
    return;
  }
  fprintf(stderr, "photo: %zu bytes, %08lx\n", sc_buffer_len(shown), adler32(sc_buffer_data(shown), sc_buffer_len(shown)));
  sc_buffer_free(shown);
}

static void tell(const ScOutput *event) {
  switch (event->what) {
    case SC_EVENT_READY: say(); break;
    case SC_EVENT_MESSAGE: show(event->message); break;
    case SC_EVENT_EXPIRED: fprintf(stderr, "expired\n"); break;
    case SC_EVENT_REKEYED: fprintf(stderr, "key: %u\n", (unsigned)event->rekeys + 1); break;
    case SC_EVENT_CLOSED: fprintf(stderr, "closed: %u\n", (unsigned)event->reason), is_closed = 1; break;
    default: break;
  }
}

/* Takes all outputs. */
static void drain(void) {
  ScOutput out;
  ScBuffer *frame;
  for (MUST(sc_chat_poll(chat, &out)); out.kind; MUST(sc_chat_poll(chat, &out))) {
    if (out.kind == SC_OUTPUT_EVENT) tell(&out);
    if (out.kind != SC_OUTPUT_TRANSMIT) continue;
    if (out.file.data) offer();
    MUST(sc_chat_frame(chat, tag, &frame));
    emit(frame);
  }
}

/* ---- what comes ---- */

static void take_part(const ScFrame *part) {
  if (memcmp(part->file_id, coming.id, sizeof coming.id) != 0 || part->total != coming.total) {
    if (part->total > MOST) return;
    memcpy(coming.id, part->file_id, sizeof coming.id);
    coming.total = part->total, coming.there = 0;
  }
  /* A part ends within its file: the decoder has checked that. */
  if (part->offset == coming.there && part->bytes.len) {
    memcpy(coming.bytes + coming.there, part->bytes.data, part->bytes.len);
    coming.there += part->bytes.len;
  }
  if (!part->bytes.len || coming.there == coming.total) answer();
}

static void give_parts(const ScFrame *wanted) {
  size_t at;
  if (memcmp(wanted->file_id, going.id, sizeof going.id) != 0) return;
  for (at = 0; at + 16 <= wanted->bytes.len; at += 16) {
    uint64_t start = 0, end = 0;
    int i;
    for (i = 7; i >= 0; i--) start = start << 8 | wanted->bytes.data[at + i], end = end << 8 | wanted->bytes.data[at + 8 + i];
    send_parts(start, end < going.total ? end : going.total);
  }
}

static ScStatus request(const ScFrame *frame) {
  ScInvitation *invitation;
  ScStatus status;
  if (chat) return sc_chat_accept_again(chat, env);
  status = sc_invitation_parse(frame->bytes.data, frame->bytes.len, &config, &invitation);
  if (status != SC_OK) return status;
  memcpy(tag, frame->tag, sizeof tag);
  status = sc_invitation_accept(invitation, env, &chat);
  sc_invitation_free(invitation);
  return status;
}

static ScStatus ciphertext(const ScFrame *frame) {
  ScIncomingFile file;
  ScStatus status;
  uint16_t became;
  memset(&file, 0, sizeof file);
  if (frame->has_file) {
    /* Without its file it gets no receipt, and comes again. */
    if (memcmp(frame->file_id, coming.id, sizeof coming.id) != 0 || coming.there < coming.total) return SC_OK;
    file.reference = sc_bytes(frame->file_id, sizeof frame->file_id);
  }
  status = sc_chat_ciphertext(chat, env, frame->bytes.data, frame->bytes.len, &file, SC_NO_TIME, &became);
  if (status == SC_OK && became != SC_HANDLED_NO_ROOM) receipt(frame->transmit_id, NULL);
  return status;
}

static ScStatus discard(const ScFrame *frame) {
  const uint8_t *mac = frame->has_mac ? frame->mac : NULL;
  ScStatus status = sc_chat_discarded(chat, env, frame->history, mac, frame->sent, NULL);
  ScState state;
  if (status != SC_OK) return status;
  MUST(sc_chat_state(chat, &state));
  receipt(2, state.has_discard_receipt ? state.discard_receipt : NULL);
  return SC_OK;
}

static ScStatus hear(const ScFrame *frame) {
  if (frame->kind == SC_FRAME_REQUEST) return request(frame);
  if (!chat || memcmp(frame->tag, tag, sizeof tag) != 0) return SC_OK;
  switch (frame->kind) {
    case SC_FRAME_ACCEPT: return sc_chat_accepted(chat, env, frame->bytes.data, frame->bytes.len, frame->fingerprint, NULL);
    case SC_FRAME_CIPHERTEXT: return ciphertext(frame);
    case SC_FRAME_DISCARD: return discard(frame);
    case SC_FRAME_RECEIPT: return sc_chat_carried(chat, env, frame->transmit_id, SC_NO_TIME, NULL);
    case SC_FRAME_FILE_PART: take_part(frame); return SC_OK;
    case SC_FRAME_FILE_REQUEST: give_parts(frame); return SC_OK;
    default: return SC_OK;
  }
}

/* Takes bytes of the stream. Whatever is wrong in a frame changes nothing. */
static void receive(ScDecoder *decoder, const uint8_t *bytes, size_t len) {
  ScFrame frame;
  ScStatus status;
  size_t taken;
  for (; len; bytes += taken, len -= taken) {
    MUST(sc_decoder_push(decoder, bytes, len, &taken));
    for (MUST(sc_decoder_next(decoder, &frame)); frame.kind != SC_FRAME_NONE; MUST(sc_decoder_next(decoder, &frame))) {
      status = hear(&frame);
      if (status != SC_OK) fprintf(stderr, "refused: %d\n", (int)status);
      if (chat) drain();
    }
  }
}

/* Nothing came for a while: does what is due, and says again what may have been lost. */
static void go_on(void) {
  ScState state;
  MUST(sc_chat_handle_timeout(chat, env));
  MUST(sc_chat_state(chat, &state));
  if (state.owes_acknowledgement) MUST(sc_chat_acknowledge(chat, env));
  if (state.awaits_transport) MUST(sc_chat_retransmit(chat, env));
  drain();
}

static int wait_ms(void) {
  uint64_t due = chat ? sc_chat_timeout(chat) : SC_NO_TIME, at = now();
  if (due <= at) return 0;
  return due - at < QUIET ? (int)(due - at) : QUIET;
}

int main(int argc, char **argv) {
  static uint8_t bytes[1 << 16];
  const char *names[] = {"telegram", "x25519", "hybrid"};
  struct pollfd input = {0, POLLIN, 0};
  ScDecoder *decoder;
  uint16_t profile = 0;
  ssize_t len;
  while (argc == 3 && profile < 3 && strcmp(argv[1], names[profile])) profile++;
  if (argc != 3 || profile == 3) return fprintf(stderr, "peer PROFILE asks|answers\n"), 2;
  MUST(sc_env_system(&env));
  MUST(sc_env_set_now(env, now()));
  MUST(sc_decoder_new(&decoder));
  MUST(sc_config_init(&config, (uint16_t)(profile + SC_PROFILE_TELEGRAM)));
  if (config.profile != SC_PROFILE_TELEGRAM) config.local_id = sc_text("c"), config.peer_id = sc_text("python");
  if (strcmp(argv[2], "asks") == 0) {
    MUST(sc_env_fill(env, tag, sizeof tag));
    MUST(sc_chat_request(&config, env, &chat));
    drain();
  }
  while (!is_closed) {
    int came = poll(&input, 1, wait_ms());
    MUST(sc_env_set_now(env, now()));
    if (came > 0) {
      if ((len = read(0, bytes, sizeof bytes)) <= 0) break;
      receive(decoder, bytes, (size_t)len);
    } else if (chat) {
      go_on();
    }
  }
  sc_chat_free(chat);
  sc_env_free(env);
  sc_decoder_free(decoder);
  return is_closed ? 0 : 1;
}
