#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "secretchat.h"

static void must(ScStatus status) {
  char advice[200];
  if (status == SC_OK) return;
  sc_error_advice(status, advice, sizeof advice);
  fprintf(stderr, "error %d: %s\n", (int)status, advice);
  exit(1);
}

static ScEnv *env;         /* the clock and the system's randomness */
static ScBuffer *uploaded; /* what the server has of the photo: it is encrypted */
static ScChat *alice, *bob;

static ScConfig config(const char *own, const char *peer) {
  ScConfig config;
  must(sc_config_init(&config, SC_PROFILE_HYBRID));
  config.local_id = sc_text(own);
  config.peer_id = sc_text(peer);
  return config;
}

/* Takes what `from` gives, and carries it to `to`. */
static void carry(ScChat *from, ScChat **to) {
  ScOutput out;
  for (must(sc_chat_poll(from, &out)); out.kind; must(sc_chat_poll(from, &out))) {
    if (out.kind == SC_OUTPUT_TRANSMIT && out.what == SC_TRANSMIT_KIND_REQUEST) {
      ScConfig own = config("bob/phone", "alice/phone");
      ScInvitation *invitation; /* ask the user whether to accept it */
      must(sc_invitation_parse(out.bytes.data, out.bytes.len, &own, &invitation));
      must(sc_invitation_accept(invitation, env, to));
      sc_invitation_free(invitation);
    } else if (out.kind == SC_OUTPUT_TRANSMIT && out.what == SC_TRANSMIT_KIND_ACCEPT) {
      must(sc_chat_accepted(*to, env, out.bytes.data, out.bytes.len, out.fingerprint, NULL));
    } else if (out.kind == SC_OUTPUT_TRANSMIT && out.what == SC_TRANSMIT_KIND_CIPHERTEXT) {
      ScIncomingFile file = {out.file, 0, 0, 0, 0};
      must(sc_chat_ciphertext(*to, env, out.bytes.data, out.bytes.len, &file, SC_NO_TIME, NULL));
      must(sc_chat_carried(from, env, out.transmit_id, SC_NO_TIME, NULL));
    } else if (out.kind == SC_OUTPUT_EVENT && out.what == SC_EVENT_MESSAGE) {
      const ScMedia *photo = out.message->content.media;
      ScMediaKey *key;
      ScBuffer *shown;
      must(sc_media_key_from_parts(SC_PROFILE_HYBRID, photo->key.data, photo->iv.data, &key));
      must(sc_media_open(key, photo->size, sc_buffer_data(uploaded), sc_buffer_len(uploaded), &shown));
      printf("%.*s: a photo of %ux%u, %zu bytes\n", (int)out.message->content.text.len,
             (const char *)out.message->content.text.data, photo->width, photo->height,
             sc_buffer_len(shown));
      sc_buffer_free(shown);
      sc_media_key_free(key);
    }
  }
}

int main(void) {
  ScConfig own = config("alice/phone", "bob/phone");
  static uint8_t jpeg[100000]; /* the bytes of a photo */
  ScMediaKey *key;
  ScMedia photo = {0};
  ScDraft draft = {0};
  must(sc_env_system(&env));
  must(sc_env_set_now(env, (uint64_t)time(NULL) * 1000));
  must(sc_chat_request(&own, env, &alice));
  carry(alice, &bob);
  carry(bob, &alice);
  carry(alice, &bob);

  must(sc_media_seal(SC_PROFILE_HYBRID, jpeg, sizeof jpeg, env, &key, &uploaded));
  photo.kind = SC_MEDIA_PHOTO;
  photo.width = 1600;
  photo.height = 1200;
  photo.size = sizeof jpeg;
  photo.key = sc_media_key_key(key);
  photo.iv = sc_media_key_iv(key);
  draft.text = sc_text("the lake");
  draft.media = &photo;
  draft.file = sc_text("files/17");
  must(sc_chat_send(alice, env, &draft, NULL));
  carry(alice, &bob);
  carry(bob, &alice);
  sc_media_key_free(key);
  sc_buffer_free(uploaded);
  sc_chat_free(alice);
  sc_chat_free(bob);
  sc_env_free(env);
  return 0;
}
