/* A story of two phones with their records in SQLite: a key exchange, a photo, a timer, a new key, and a process that is
 * killed in the middle of a message and starts again.
 *
 *   story FOLDER        FOLDER is empty
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secretchat.h"

#define PHOTO_SIZE 200000

static const uint8_t TAG[16] = "a chat's own tag"; /* both ends name the chat by it; draw it for each chat */

typedef struct Phone {
  const char *name, *peer;
  ScChat *chat;
  ScEnv *env;
  sqlite3 *db;
  ScDecoder *decoder;
  uint8_t *inbox; /* what the peer sent, and nobody has read yet */
  size_t inbox_len;
  int outputs_left; /* the process is killed after so many outputs; -1 for never */
  int photos, messages, opened, expired, rekeyed, closed;
  int64_t last_id;
  struct Phone *other;
} Phone;

static const char *folder;
static uint64_t now_ms = UINT64_C(1700000000000);

static void must(ScStatus status, int line) {
  char name[40], advice[200];
  if (status == SC_OK) return;
  sc_error_name(status, name, sizeof name);
  sc_error_advice(status, advice, sizeof advice);
  fprintf(stderr, "line %d: %s (%d): %s\n", line, name, (int)status, advice);
  exit(1);
}
#define MUST(call) must(call, __LINE__)
#define CHECK(what) ((what) ? (void)0 : (fprintf(stderr, "line %d: %s\n", __LINE__, #what), exit(1)))
#define SQL(call) CHECK((call) == SQLITE_OK)

/* ---- the store: one row a record, one transaction a batch ---- */

static void run(Phone *phone, const char *sql) { SQL(sqlite3_exec(phone->db, sql, NULL, NULL, NULL)); }

static void open_store(Phone *phone) {
  char path[300];
  snprintf(path, sizeof path, "%s/%s.db", folder, phone->name);
  SQL(sqlite3_open(path, &phone->db));
  /* Records that held keys must leave no copy behind. */
  run(phone, "PRAGMA secure_delete = ON; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL");
  run(phone, "CREATE TABLE IF NOT EXISTS records (chat BLOB, name BLOB, value BLOB, PRIMARY KEY (chat, name))");
  run(phone, "CREATE TABLE IF NOT EXISTS store_key (value BLOB)");
}

static void row(Phone *phone, const char *sql, const ScBatch *batch, const ScRow *row) {
  sqlite3_stmt *statement;
  SQL(sqlite3_prepare_v2(phone->db, sql, -1, &statement, NULL));
  SQL(sqlite3_bind_blob(statement, 1, batch->chat_id, sizeof batch->chat_id, SQLITE_STATIC));
  SQL(sqlite3_bind_blob(statement, 2, row->name, SC_RECORD_NAME_LEN, SQLITE_STATIC));
  if (row->value.data) SQL(sqlite3_bind_blob(statement, 3, row->value.data, (int)row->value.len, SQLITE_STATIC));
  CHECK(sqlite3_step(statement) == SQLITE_DONE);
  SQL(sqlite3_finalize(statement));
}

static void persist(Phone *phone, const ScBatch *batch) {
  size_t i;
  run(phone, "BEGIN IMMEDIATE");
  for (i = 0; i < batch->put_count; i++) row(phone, "INSERT OR REPLACE INTO records VALUES (?, ?, ?)", batch, &batch->put[i]);
  for (i = 0; i < batch->remove_count; i++) row(phone, "DELETE FROM records WHERE chat = ? AND name = ?", batch, &batch->remove[i]);
  run(phone, "COMMIT");
}

/* The key that seals the records. A real phone keeps it in the keystore of its system. */
static void store_key(Phone *phone, uint8_t key[32]) {
  sqlite3_stmt *statement;
  SQL(sqlite3_prepare_v2(phone->db, "SELECT value FROM store_key", -1, &statement, NULL));
  if (sqlite3_step(statement) == SQLITE_ROW) {
    memcpy(key, sqlite3_column_blob(statement, 0), 32);
    SQL(sqlite3_finalize(statement));
    return;
  }
  SQL(sqlite3_finalize(statement));
  MUST(sc_env_fill(phone->env, key, 32));
  SQL(sqlite3_prepare_v2(phone->db, "INSERT INTO store_key VALUES (?)", -1, &statement, NULL));
  SQL(sqlite3_bind_blob(statement, 1, key, 32, SQLITE_STATIC));
  CHECK(sqlite3_step(statement) == SQLITE_DONE);
  SQL(sqlite3_finalize(statement));
}

static void restore(Phone *phone) {
  enum { MOST = 200 };
  static uint8_t values[MOST][20000];
  ScRow rows[MOST];
  uint8_t key[32], chat_id[16];
  sqlite3_stmt *statement;
  size_t count = 0;
  SQL(sqlite3_prepare_v2(phone->db, "SELECT chat, name, value FROM records", -1, &statement, NULL));
  while (sqlite3_step(statement) == SQLITE_ROW) {
    int len = sqlite3_column_bytes(statement, 2);
    CHECK(count < MOST && len <= (int)sizeof values[0]);
    memcpy(chat_id, sqlite3_column_blob(statement, 0), 16);
    memcpy(rows[count].name, sqlite3_column_blob(statement, 1), SC_RECORD_NAME_LEN);
    memcpy(values[count], sqlite3_column_blob(statement, 2), (size_t)len);
    rows[count].value = sc_bytes(values[count], (size_t)len);
    count++;
  }
  SQL(sqlite3_finalize(statement));
  store_key(phone, key);
  MUST(sc_chat_restore(chat_id, rows, count, key, NULL, phone->env, &phone->chat));
  memset(key, 0, sizeof key); /* use explicit_bzero where you have it */
  MUST(sc_chat_retransmit(phone->chat, phone->env));
}

/* ---- the phone ---- */

static void start(Phone *phone) {
  phone->outputs_left = -1;
  MUST(sc_env_system(&phone->env));
  MUST(sc_env_set_now(phone->env, now_ms));
  MUST(sc_decoder_new(&phone->decoder));
  open_store(phone);
}

static void stop(Phone *phone) {
  sc_chat_free(phone->chat);
  sc_env_free(phone->env);
  sc_decoder_free(phone->decoder);
  free(phone->inbox);
  SQL(sqlite3_close(phone->db));
}

static ScConfig config(const Phone *phone, const uint8_t key[32]) {
  ScConfig config;
  MUST(sc_config_init(&config, SC_PROFILE_HYBRID));
  config.local_id = sc_text(phone->name);
  config.peer_id = sc_text(phone->peer);
  config.store_key = sc_bytes(key, 32);
  return config;
}

static void transmit(Phone *phone, ScBuffer *frame) {
  Phone *to = phone->other;
  size_t len = sc_buffer_len(frame);
  to->inbox = realloc(to->inbox, to->inbox_len + len);
  CHECK(to->inbox);
  memcpy(to->inbox + to->inbox_len, sc_buffer_data(frame), len);
  to->inbox_len += len;
  sc_buffer_free(frame);
}

static void file_path(char path[300], const uint8_t *id) {
  int at = snprintf(path, 300, "%s/", folder), i;
  for (i = 0; i < 16; i++) at += snprintf(path + at, (size_t)(300 - at), "%02x", id[i]);
}

static size_t read_file(const uint8_t *id, uint8_t **bytes) {
  char path[300];
  FILE *file;
  size_t len;
  file_path(path, id);
  CHECK((file = fopen(path, "rb")));
  CHECK((*bytes = malloc(PHOTO_SIZE * 2)));
  len = fread(*bytes, 1, PHOTO_SIZE * 2, file);
  fclose(file);
  return len;
}

static void check_photo(ScBuffer *shown) {
  size_t i;
  CHECK(sc_buffer_len(shown) == PHOTO_SIZE);
  for (i = 0; i < PHOTO_SIZE; i++) CHECK(sc_buffer_data(shown)[i] == (uint8_t)(i * 31));
  sc_buffer_free(shown);
}

static void told(Phone *phone, const ScOutput *out) {
  ScState state;
  switch (out->what) {
    case SC_EVENT_READY: {
      ScBuffer *words;
      MUST(sc_verification_words(out->bytes.data, &words));
      printf("%s: ready, compare %.20s...\n", phone->name, (const char *)sc_buffer_data(words));
      sc_buffer_free(words);
      break;
    }
    case SC_EVENT_MESSAGE: {
      const ScMessage *message = out->message;
      const ScMedia *media = message->content.media;
      phone->messages++;
      phone->last_id = message->random_id;
      printf("%s: \"%.*s\"%s\n", phone->name, (int)message->content.text.len, (const char *)message->content.text.data,
             message->ttl ? ", with a timer" : "");
      if (media && media->key.data) {
        ScMediaKey *key;
        ScBuffer *shown;
        uint8_t *file;
        size_t len = read_file(message->file.reference.data, &file);
        MUST(sc_media_key_from_parts(sc_chat_profile(phone->chat), media->key.data, media->iv.data, &key));
        MUST(sc_media_open(key, media->size, file, len, &shown));
        check_photo(shown);
        sc_media_key_free(key);
        free(file);
        phone->photos++;
      }
      break;
    }
    case SC_EVENT_OPENED: {
      ScLease *lease;
      ScBuffer *shown;
      uint8_t *file;
      size_t len = read_file(sc_chat_file_of(phone->chat, out->random_id).data, &file);
      CHECK(out->has_lease && out->deadline_ms > now_ms);
      MUST(sc_chat_take_lease(phone->chat, &lease));
      CHECK(sc_chat_take_lease(phone->chat, &lease) == SC_ERROR_USE);
      MUST(sc_lease_open(lease, file, len, &shown));
      check_photo(shown);
      sc_lease_free(lease);
      free(file);
      phone->opened++;
      printf("%s: opened a photo with a timer\n", phone->name);
      break;
    }
    case SC_EVENT_EXPIRED:
      phone->expired++;
      printf("%s: a message has ended\n", phone->name);
      break;
    case SC_EVENT_REKEYED:
      phone->rekeyed++;
      printf("%s: key number %u\n", phone->name, (unsigned)out->rekeys + 1);
      break;
    case SC_EVENT_CLOSED:
      MUST(sc_chat_state(phone->chat, &state));
      CHECK(state.state == SC_CHAT_STATE_CLOSED && state.reason == out->reason);
      phone->closed++;
      printf("%s: closed\n", phone->name);
      break;
    default:
      break;
  }
}

/* Takes all outputs. */
static void drain(Phone *phone) {
  ScOutput out;
  for (MUST(sc_chat_poll(phone->chat, &out)); out.kind; MUST(sc_chat_poll(phone->chat, &out))) {
    if (out.kind == SC_OUTPUT_PERSIST) persist(phone, out.batch);
    if (out.kind == SC_OUTPUT_EVENT) told(phone, &out);
    if (phone->outputs_left > 0 && --phone->outputs_left == 0) {
      fflush(stdout);
      raise(SIGKILL); /* the message is in the records, and never left the phone */
    }
    if (out.kind == SC_OUTPUT_TRANSMIT) {
      ScBuffer *frame;
      MUST(sc_chat_frame(phone->chat, TAG, &frame));
      transmit(phone, frame);
    }
  }
}

static void receipt(Phone *phone, uint64_t transmit_id, const uint8_t *mac) {
  ScFrame frame;
  ScBuffer *bytes;
  memset(&frame, 0, sizeof frame);
  frame.kind = SC_FRAME_RECEIPT;
  frame.transmit_id = transmit_id;
  memcpy(frame.tag, TAG, sizeof TAG);
  if (mac) {
    frame.has_mac = 1;
    memcpy(frame.mac, mac, sizeof frame.mac);
  }
  MUST(sc_frame_encode(&frame, &bytes));
  transmit(phone, bytes);
}

static void hear(Phone *phone, const ScFrame *frame) {
  ScEnv *env = phone->env;
  ScState state;
  uint16_t became = 0;
  CHECK(memcmp(frame->tag, TAG, sizeof TAG) == 0);
  switch (frame->kind) {
    case SC_FRAME_REQUEST: {
      ScInvitation *invitation;
      uint8_t key[32];
      ScConfig own;
      store_key(phone, key);
      own = config(phone, key);
      MUST(sc_invitation_parse(frame->bytes.data, frame->bytes.len, &own, &invitation));
      MUST(sc_invitation_accept(invitation, env, &phone->chat));
      sc_invitation_free(invitation);
      memset(key, 0, sizeof key);
      break;
    }
    case SC_FRAME_ACCEPT:
      MUST(sc_chat_accepted(phone->chat, env, frame->bytes.data, frame->bytes.len, frame->fingerprint, NULL));
      break;
    case SC_FRAME_CIPHERTEXT: {
      ScIncomingFile file = {{NULL, 0}, 0, 0, 0, 0};
      if (frame->has_file) file.reference = sc_bytes(frame->file_id, sizeof frame->file_id);
      MUST(sc_chat_ciphertext(phone->chat, env, frame->bytes.data, frame->bytes.len, &file, SC_NO_TIME, &became));
      drain(phone); /* the records are written before the receipt leaves */
      if (became != SC_HANDLED_NO_ROOM) receipt(phone, frame->transmit_id, NULL);
      break;
    }
    case SC_FRAME_RECEIPT:
      MUST(sc_chat_state(phone->chat, &state));
      if (state.state == SC_CHAT_STATE_CLOSED) {
        MUST(sc_chat_discard_receipt(phone->chat, env, frame->has_mac ? frame->mac : NULL, NULL));
      } else {
        MUST(sc_chat_carried(phone->chat, env, frame->transmit_id, SC_NO_TIME, NULL));
      }
      break;
    case SC_FRAME_DISCARD:
      MUST(sc_chat_discarded(phone->chat, env, frame->history, frame->has_mac ? frame->mac : NULL, frame->sent, NULL));
      drain(phone);
      MUST(sc_chat_state(phone->chat, &state));
      receipt(phone, 2, state.has_discard_receipt ? state.discard_receipt : NULL);
      break;
    default:
      CHECK(!"a frame that this story does not need");
  }
  drain(phone);
}

/* Lets a phone read what came. Returns whether there was anything. */
static int receive(Phone *phone) {
  uint8_t *bytes = phone->inbox;
  size_t len = phone->inbox_len, at = 0, taken;
  ScFrame frame;
  phone->inbox = NULL;
  phone->inbox_len = 0;
  while (at < len) {
    /* Small pieces, as they come from a socket. */
    MUST(sc_decoder_push(phone->decoder, bytes + at, len - at < 100 ? len - at : 100, &taken));
    at += taken;
    for (MUST(sc_decoder_next(phone->decoder, &frame)); frame.kind != SC_FRAME_NONE;
         MUST(sc_decoder_next(phone->decoder, &frame))) {
      hear(phone, &frame);
    }
  }
  free(bytes);
  return len > 0;
}

/* Takes the outputs of both, until nothing is on its way any more. */
static void settle(Phone *a, Phone *b) {
  if (a->chat) drain(a);
  if (b->chat) drain(b);
  while (receive(a) | receive(b)) continue;
}

static void pass(Phone *a, Phone *b, uint64_t millis) {
  now_ms += millis;
  MUST(sc_env_set_now(a->env, now_ms));
  MUST(sc_env_set_now(b->env, now_ms));
  MUST(sc_chat_handle_timeout(a->chat, a->env));
  MUST(sc_chat_handle_timeout(b->chat, b->env));
  settle(a, b);
}

static void say(Phone *phone, const char *text) {
  ScDraft draft;
  memset(&draft, 0, sizeof draft);
  draft.text = sc_text(text);
  MUST(sc_chat_send(phone->chat, phone->env, &draft, NULL));
}

static void send_photo(Phone *phone, const char *caption, uint32_t ttl) {
  static uint8_t jpeg[PHOTO_SIZE];
  uint8_t id[16];
  char path[300];
  ScMediaKey *key;
  ScBuffer *sealed;
  ScMedia photo;
  ScDraft draft;
  FILE *file;
  size_t i;
  for (i = 0; i < sizeof jpeg; i++) jpeg[i] = (uint8_t)(i * 31);
  MUST(sc_media_seal(sc_chat_profile(phone->chat), jpeg, sizeof jpeg, phone->env, &key, &sealed));
  MUST(sc_env_fill(phone->env, id, sizeof id));
  file_path(path, id);
  CHECK((file = fopen(path, "wb")));
  CHECK(fwrite(sc_buffer_data(sealed), 1, sc_buffer_len(sealed), file) == sc_buffer_len(sealed));
  CHECK(fclose(file) == 0);
  memset(&photo, 0, sizeof photo);
  photo.kind = SC_MEDIA_PHOTO;
  photo.width = 640;
  photo.height = 480;
  photo.size = sizeof jpeg;
  photo.key = sc_media_key_key(key);
  photo.iv = sc_media_key_iv(key);
  memset(&draft, 0, sizeof draft);
  draft.text = sc_text(caption);
  draft.media = &photo;
  draft.file = sc_bytes(id, sizeof id);
  draft.ttl = ttl;
  draft.has_ttl = ttl != 0;
  MUST(sc_chat_send(phone->chat, phone->env, &draft, NULL));
  sc_buffer_free(sealed);
  sc_media_key_free(key);
}

/* Two phones meet. Then Alice's is killed in the middle of a message. */
static void first_day(Phone *alice, Phone *bob) {
  uint8_t key[32];
  ScConfig own;
  start(alice);
  start(bob);
  store_key(alice, key);
  own = config(alice, key);
  MUST(sc_chat_request(&own, alice->env, &alice->chat));
  settle(alice, bob);
  say(alice, "hello");
  say(bob, "hello yourself");
  send_photo(alice, "the lake", 0);
  settle(alice, bob);
  CHECK(alice->messages == 1 && bob->messages == 2 && bob->photos == 1);
  say(alice, "this one survives");
  alice->outputs_left = 1; /* the batch of this message, and no more */
  drain(alice);
  CHECK(!"the process was killed");
}

static void second_day(Phone *alice, Phone *bob) {
  ScState state;
  start(alice);
  start(bob);
  restore(alice);
  restore(bob);
  settle(alice, bob);
  CHECK(bob->messages == 1); /* "this one survives", once */

  send_photo(alice, "for ten seconds", 10);
  settle(alice, bob);
  CHECK(bob->messages == 2 && bob->photos == 0); /* its key stays inside of the chat */
  MUST(sc_chat_open_view(bob->chat, bob->env, bob->last_id, NULL));
  settle(alice, bob);
  CHECK(bob->opened == 1 && bob->expired == 0);
  pass(alice, bob, 10000);
  CHECK(bob->expired == 1 && alice->expired == 1);

  MUST(sc_chat_rekey(alice->chat, alice->env));
  settle(alice, bob);
  say(alice, "under a new key");
  settle(alice, bob);
  say(bob, "here, too");
  settle(alice, bob);
  CHECK(alice->rekeyed == 1 && bob->rekeyed == 1);
  MUST(sc_chat_state(alice->chat, &state));
  CHECK(state.rekeys == 1 && state.rekey == SC_REKEY_STATE_IDLE);

  MUST(sc_chat_close(alice->chat, alice->env, SC_HISTORY_DELETE));
  settle(alice, bob);
  CHECK(alice->closed == 1 && bob->closed == 1);
  stop(alice);
  stop(bob);
}

int main(int argc, char **argv) {
  Phone alice, bob;
  pid_t child;
  int status;
  if (argc != 2) return 2;
  CHECK(sc_abi_version() == SC_ABI_VERSION); /* the library is that of the header */
  folder = argv[1];
  memset(&alice, 0, sizeof alice);
  memset(&bob, 0, sizeof bob);
  alice.name = "alice";
  bob.peer = "alice";
  bob.name = "bob";
  alice.peer = "bob";
  alice.other = &bob;
  bob.other = &alice;
  fflush(stdout);
  CHECK((child = fork()) >= 0);
  if (child == 0) first_day(&alice, &bob);
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  printf("-- alice was killed --\n");
  second_day(&alice, &bob);
  printf("the story is whole\n");
  return 0;
}
