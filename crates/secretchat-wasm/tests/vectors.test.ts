// The recorded conversations of test-vectors, byte for byte: their draws are the bytes of the generator.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Chat, type Config, type Event, Secretchat, SecretchatError, type Transmit } from "secretchat";

interface Case {
  id: string; profile: Config["profile"]; policy: "default" | "strict" | "tolerant"; g: number;
  id_i: string; id_r: string; verification: string; steps: Step[];
}

interface Step {
  end: "initiator" | "responder"; call: string; draws: string[]; handled?: string; sent: object[]; told: string[];
  public?: string; fingerprint?: string; bytes?: string; history?: boolean; proof?: { sent: number; mac: string } | null;
  text?: string; asks?: string[]; random_ids?: string[]; seconds?: number;
}

let tape = Buffer.alloc(0);
const secretchat = await Secretchat.load({
  now: () => 1_700_000_000_000, // nothing here waits
  random(bytes) {
    assert(bytes.length <= tape.length, "more is drawn than was recorded");
    bytes.set(tape.subarray(0, bytes.length));
    tape = tape.subarray(bytes.length);
  },
});

const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const camel = (name: string) => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

let steps = 0;
for (const name of ["conversation", "script"]) {
  const { cases } = JSON.parse(readFileSync(`../../test-vectors/${name}.json`, "utf8")) as { cases: Case[] };
  for (const recorded of cases) {
    test(recorded.id, () => {
      const chats: Partial<Record<Step["end"], Chat>> = {};
      recorded.steps.forEach((step, number) => {
        const place = `step ${number}`;
        tape = Buffer.from(step.draws.join(""), "hex");
        if (step.call === "request" || step.call === "accept") chats[step.end] = begun(recorded, step);
        else called(chats[step.end]!, step, place);
        assert.equal(tape.length, 0, `${place}: draws are left`);
        const outputs = [...chats[step.end]!.outputs()];
        const sent = outputs.flatMap((output) => (output.kind === "transmit" ? [shown(output.transmit)] : []));
        const told = outputs.flatMap((output) => (output.kind === "event" ? news(output.event) : []));
        assert.deepEqual(sent, step.sent, place);
        assert.deepEqual(told, step.told, place);
        steps += 1;
      });
      for (const chat of Object.values(chats)) {
        const { verification } = chat.state;
        if (verification) assert.equal(hex(verification), recorded.verification);
        chat.free();
      }
    });
  }
}

test("all of them were there", () => assert(steps > 700));

function begun({ profile, policy, g, id_i, id_r }: Case, step: Step): Chat {
  const [localId, peerId] = step.end === "initiator" ? [unhex(id_i), unhex(id_r)] : [unhex(id_r), unhex(id_i)];
  const config: Config = profile === "telegram"
    ? { profile, telegram: { peerPolicy: policy, group: { generator: g } } }
    : { profile, localId, peerId };
  return step.call === "request" ? secretchat.request(config) : secretchat.invitation(unhex(step.public!), config).accept();
}

function called(chat: Chat, step: Step, place: string): void {
  const asks = (name: string) => step.asks?.includes(name) ?? false;
  const history = step.history ? "delete" : "keep";
  switch (step.call) {
    case "send":
      chat.send({ text: step.text!, isSilent: asks("silent"), isProtected: asks("protected"), isHidden: asks("hidden") });
      break;
    case "delete": chat.delete(step.random_ids!.map(BigInt)); break;
    case "set_ttl": chat.setTtl(step.seconds!); break;
    case "acknowledge": chat.acknowledge(); break;
    case "rekey": chat.rekey(); break;
    case "close": chat.close(history); break;
    default: assert.equal(heard(chat, step, history), step.handled, place);
  }
}

function heard(chat: Chat, step: Step, history: "delete" | "keep"): string {
  const { proof } = step;
  try {
    switch (step.call) {
      case "accepted":
        return camel(chat.accepted(unhex(step.public!), Buffer.from(step.fingerprint!, "hex").readBigInt64LE()));
      case "receive":
        return camel(chat.ciphertext(unhex(step.bytes!)));
      case "discarded":
        return camel(chat.discarded(history, proof ? { mac: unhex(proof.mac), sent: proof.sent } : undefined));
      default:
        throw new Error(`no call is named ${step.call}`);
    }
  } catch (error) {
    if (error instanceof SecretchatError) return camel(error.reason);
    throw error;
  }
}

function shown(transmit: Transmit): object {
  switch (transmit.type) {
    case "request":
      return { request: hex(transmit.publicValue) };
    case "accept": {
      const fingerprint = Buffer.alloc(8);
      fingerprint.writeBigInt64LE(transmit.fingerprint);
      return { accept: hex(transmit.publicValue), fingerprint: fingerprint.toString("hex") };
    }
    case "ciphertext":
      return { ciphertext: hex(transmit.bytes) };
    case "discard": {
      const { proof, history } = transmit;
      return { discard: history === "delete", proof: proof ? { sent: proof.sent, mac: hex(proof.mac) } : null };
    }
    default:
      return transmit;
  }
}

/** The part of an event that is compared, if it is compared at all. */
function news(event: Event): string[] {
  switch (event.type) {
    case "ready":
    case "unsupported":
      return [event.type];
    case "message":
      return [`message ${event.message.content.text}`];
    case "deleted":
      return [`deleted ${event.ids.join(" ")}`];
    case "ttl_changed":
      return [`ttl ${event.ttl}`];
    case "rekeyed":
      return [`rekeyed ${event.rekeys}`];
    case "rekey_failed":
      return [`rekey failed ${camel(event.reason)}`];
    case "closed": {
      const missing = event.missing === undefined ? "" : `, missing ${event.missing}`;
      return [`closed ${camel(event.reason)}${missing}${event.isSetBack ? ", set back" : ""}`];
    }
    default:
      return [];
  }
}
