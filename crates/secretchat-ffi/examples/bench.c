/* Prints how many texts a second of CPU time go through both ends, each with its records, and how fast files are sealed
 * and opened.
 *
 *   bench [MESSAGES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "secretchat.h"

#define FILE_SIZE (8 << 20)

static ScEnv *env;
static size_t messages, record_bytes;

static void must(ScStatus status) {
  if (status != SC_OK) exit(fprintf(stderr, "error %d\n", (int)status));
}

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static ScConfig config(uint16_t profile, const char *own, const char *peer, const uint8_t key[32]) {
  ScConfig config;
  must(sc_config_init(&config, profile));
  if (profile != SC_PROFILE_TELEGRAM) {
    config.local_id = sc_text(own);
    config.peer_id = sc_text(peer);
  }
  config.store_key = sc_bytes(key, 32);
  return config;
}

/* Carries all outputs. Returns whether there were any. */
static int carry(ScChat *from, ScChat *to) {
  ScOutput out;
  int moved = 0;
  for (must(sc_chat_poll(from, &out)); out.kind; must(sc_chat_poll(from, &out))) {
    moved = 1;
    if (out.kind == SC_OUTPUT_PERSIST) {
      size_t i;
      for (i = 0; i < out.batch->put_count; i++) record_bytes += out.batch->put[i].value.len;
    } else if (out.kind == SC_OUTPUT_EVENT) {
      messages += out.what == SC_EVENT_MESSAGE;
    } else if (out.what == SC_TRANSMIT_KIND_ACCEPT) {
      must(sc_chat_accepted(to, env, out.bytes.data, out.bytes.len, out.fingerprint, NULL));
    } else if (out.what == SC_TRANSMIT_KIND_CIPHERTEXT) {
      must(sc_chat_ciphertext(to, env, out.bytes.data, out.bytes.len, NULL, SC_NO_TIME, NULL));
      must(sc_chat_carried(from, env, out.transmit_id, SC_NO_TIME, NULL));
    }
  }
  return moved;
}

static void settle(ScChat *a, ScChat *b) {
  while (carry(a, b) | carry(b, a)) continue;
}

static void texts(uint16_t profile, const char *name, int count) {
  uint8_t key[32];
  ScChat *alice, *bob;
  ScInvitation *invitation;
  ScOutput out;
  ScDraft draft;
  ScConfig hers, his;
  double start;
  int i;
  must(sc_env_fill(env, key, sizeof key));
  hers = config(profile, "alice", "bob", key);
  his = config(profile, "bob", "alice", key);
  must(sc_chat_request(&hers, env, &alice));
  do must(sc_chat_poll(alice, &out));
  while (out.kind != SC_OUTPUT_TRANSMIT);
  must(sc_invitation_parse(out.bytes.data, out.bytes.len, &his, &invitation));
  must(sc_invitation_accept(invitation, env, &bob));
  sc_invitation_free(invitation);
  settle(bob, alice);
  memset(&draft, 0, sizeof draft);
  draft.text = sc_text("See you at the lake tomorrow?");
  messages = record_bytes = 0;
  start = seconds();
  for (i = 0; i < count; i++) {
    must(sc_chat_send(i % 2 ? alice : bob, env, &draft, NULL));
    settle(alice, bob);
  }
  printf("%-9s %8.0f messages a second, %zu record bytes each\n", name, (double)messages / (seconds() - start),
         record_bytes / messages);
  if (messages != (size_t)count) exit(1);
  sc_chat_free(alice);
  sc_chat_free(bob);
}

static void files(uint16_t profile, const char *name) {
  uint8_t *content = malloc(FILE_SIZE);
  ScMediaKey *key;
  ScBuffer *sealed, *opened;
  double start, between;
  if (!content) exit(1);
  memset(content, 7, FILE_SIZE);
  start = seconds();
  must(sc_media_seal(profile, content, FILE_SIZE, env, &key, &sealed));
  between = seconds();
  must(sc_media_open(key, FILE_SIZE, sc_buffer_data(sealed), sc_buffer_len(sealed), &opened));
  printf("%-9s %8.0f MB a second sealed, %.0f opened\n", name, FILE_SIZE / 1e6 / (between - start),
         FILE_SIZE / 1e6 / (seconds() - between));
  if (memcmp(content, sc_buffer_data(opened), FILE_SIZE) != 0) exit(1);
  sc_buffer_free(sealed);
  sc_buffer_free(opened);
  sc_media_key_free(key);
  free(content);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 20000;
  must(sc_env_system(&env));
  must(sc_env_set_now(env, (uint64_t)time(NULL) * 1000));
  texts(SC_PROFILE_X25519, "x25519", count);
  texts(SC_PROFILE_HYBRID, "hybrid", count);
  texts(SC_PROFILE_TELEGRAM, "telegram", count);
  files(SC_PROFILE_X25519, "segments");
  files(SC_PROFILE_TELEGRAM, "chain");
  sc_env_free(env);
  return 0;
}
