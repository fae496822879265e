#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "secretchat.h"
static ScEnv *env;         /* the clock, and the system's randomness */
static ScBuffer *uploaded; /* the photo as a server has it: encrypted */
static void must(ScStatus status) {
  char advice[200] = "";
  sc_error_advice(status, advice, sizeof advice);
  if (status != SC_OK) exit(fprintf(stderr, "error %d: %s\n", (int)status, advice));
}

static ScConfig config(const char *own, const char *peer) {
  ScConfig config;
  must(sc_config_init(&config, SC_PROFILE_HYBRID));
  config.local_id = sc_text(own), config.peer_id = sc_text(peer);
  return config;
}

/* Takes all that one end gives, and carries it to the other. */
static void carry(ScChat *from, ScChat *to) {
  ScOutput out;
  for (must(sc_chat_poll(from, &out)); out.kind; must(sc_chat_poll(from, &out))) {
    if (out.kind == SC_OUTPUT_TRANSMIT && out.what == SC_TRANSMIT_KIND_ACCEPT) {
      must(sc_chat_accepted(to, env, out.bytes.data, out.bytes.len, out.fingerprint, NULL));
    } else if (out.kind == SC_OUTPUT_TRANSMIT && out.what == SC_TRANSMIT_KIND_CIPHERTEXT) {
      ScIncomingFile file = {.reference = out.file};
      must(sc_chat_ciphertext(to, env, out.bytes.data, out.bytes.len, &file, SC_NO_TIME, NULL));
    } else if (out.kind == SC_OUTPUT_EVENT && out.what == SC_EVENT_MESSAGE) {
      ScContent said = out.message->content;
      ScBuffer *jpeg;
      must(sc_chat_open_media(from, said.media, sc_buffer_data(uploaded), sc_buffer_len(uploaded), &jpeg));
      printf("%.*s: %zu bytes\n", (int)said.text.len, (const char *)said.text.data, sc_buffer_len(jpeg));
      sc_buffer_free(jpeg);
    }
  }
}

int main(void) {
  static uint8_t jpeg[100000]; /* the bytes of a photo */
  ScConfig hers = config("alice/phone", "bob/phone"), his = config("bob/phone", "alice/phone");
  ScMedia photo = {.kind = SC_MEDIA_PHOTO, .width = 1600, .height = 1200, .size = sizeof jpeg};
  ScDraft draft = {.text = sc_text("the lake"), .media = &photo, .file = sc_text("files/17")};
  ScInvitation *invitation;
  ScMediaKey *key;
  ScChat *alice, *bob;
  ScOutput out;
  must(sc_env_system(&env));
  must(sc_env_set_now(env, (uint64_t)time(NULL) * 1000));
  must(sc_chat_request(&hers, env, &alice)), must(sc_chat_poll(alice, &out)); /* the request */
  must(sc_invitation_parse(out.bytes.data, out.bytes.len, &his, &invitation));
  must(sc_invitation_accept(invitation, env, &bob)); /* the user agreed */
  carry(bob, alice), carry(alice, bob);
  must(sc_media_seal(SC_PROFILE_HYBRID, jpeg, sizeof jpeg, env, &key, &uploaded));
  photo.key = sc_media_key_key(key), photo.iv = sc_media_key_iv(key);
  must(sc_chat_send(alice, env, &draft, NULL));
  carry(alice, bob), carry(bob, alice);
  sc_buffer_free(uploaded), sc_media_key_free(key), sc_invitation_free(invitation);
  sc_chat_free(alice), sc_chat_free(bob), sc_env_free(env);
}
