import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { digestOfKey } from "../../access/api-keys.js";
import type { KeyNeed, StoredKeyCheck } from "../../access/key-check.js";
import type { KeyPrincipal, OidcPrincipal, SessionPrincipal } from "../../access/principal.js";
import type { Cells } from "../../stores/cells/cells.js";
import { keys } from "../../stores/keys.js";
import { type OidcConfig, type Person, personSchema, principalOf } from "./oidc/person.js";
import { openText, sealText } from "./oidc/sealed-text.js";

/** A key of the configuration, with its principal. */
export interface OwnKey {
  readonly key: string;
  readonly principal: KeyPrincipal;
}

/** Console sessions. All processes that share the cells share the sessions. */
export interface Sessions {
  /** Starts a session for a key's owner. Resolves with its id, which is random and stored nowhere. */
  begin(owner: OwnKey): Promise<string>;
  /** Starts a session for a person whom the OpenID provider identified. */
  beginFor(person: Person): Promise<string>;
  /** The session's principal; undefined if it expired or was ended, or if its key is no longer valid. */
  find(id: string, need?: KeyNeed): Promise<SessionPrincipal | OidcPrincipal | undefined>;
  end(id: string): Promise<void>;
}

export interface SessionDependencies {
  readonly cells: Pick<Cells, "set" | "get" | "all" | "remove">;
  /** The keys of the configuration. */
  readonly own: readonly OwnKey[];
  readonly checkStoredKey: StoredKeyCheck;
  /** Decides what people may do; null: sign-in is by key only. */
  readonly oidc: OidcConfig | null;
  readonly now: () => number;
}

export const sessionSeconds = 12 * 3_600;
const group = keys.cells.sessions;
const mostSessions = 1_000;
const idBytes = 32;
const idForm = /^[\w-]{43}$/;

const nameOf = (id: string): string => createHash("sha256").update(id).digest("hex");

/** Binds a session to its key. It reveals nothing about the key without the id, which is stored nowhere. */
const bindingOf = (id: string, key: string): string => createHmac("sha256", id).update(key).digest("hex");

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** A key of the store is bound by its digest, and named, because there are too many to try. */
const nameOfStored = ({ tenant, id }: KeyPrincipal): string => Buffer.from(JSON.stringify([tenant, id])).toString("base64url");

const parsedName = (name: string): readonly [tenant: string, id: string] => JSON.parse(Buffer.from(name, "base64url").toString());

/** Marks the session of a person. Earlier versions find no key for it. */
const personMark = "oidc:";
const purpose = "carillon console session";

/** A person in a session, readable only with the session's id. */
const sealPerson = (id: string, person: Person): string => `${personMark}${sealText(JSON.stringify(person), id, purpose)}`;

const openPerson = (id: string, sealed: string): Person | undefined => {
  const text = openText(sealed.slice(personMark.length), id, purpose);
  return text === undefined ? undefined : personSchema.safeParse(JSON.parse(text)).data;
};

export const createSessions = ({ cells, own, checkStoredKey, oidc, now }: SessionDependencies): Sessions => {
  const ownerOf = async (
    id: string,
    binding: string,
    stored: string | undefined,
    need: KeyNeed | undefined,
  ): Promise<KeyPrincipal | undefined> => {
    if (stored === undefined) return own.find(({ key }) => isSame(binding, bindingOf(id, key)))?.principal;
    const found = await checkStoredKey(...parsedName(stored), need);
    return found && isSame(binding, bindingOf(id, found.digest)) ? found.principal : undefined;
  };
  const beginWith = async (ownerOf: (id: string) => string): Promise<string> => {
    const sessions = [...(await cells.all(group))];
    if (sessions.length >= mostSessions) {
      const [oldest] = sessions.sort(([, one], [, other]) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
      if (oldest) await cells.remove(group, oldest[0]);
    }
    const id = randomBytes(idBytes).toString("base64url");
    await cells.set(group, nameOf(id), `${now()} ${ownerOf(id)}`, sessionSeconds * 1_000);
    return id;
  };
  return {
    begin: ({ key, principal }) => {
      const isOwn = own.some((one) => one.key === key);
      return beginWith((id) => (isOwn ? bindingOf(id, key) : `${bindingOf(id, digestOfKey(key))} ${nameOfStored(principal)}`));
    },
    beginFor: (person) => beginWith((id) => sealPerson(id, person)),
    find: async (id, need) => {
      if (!idForm.test(id)) return undefined;
      const [, binding = "", stored] = (await cells.get(group, nameOf(id)))?.split(" ") ?? [];
      if (binding.startsWith(personMark)) {
        const person = openPerson(id, binding);
        return person && principalOf(person, oidc);
      }
      const key = await ownerOf(id, binding, stored, need);
      return key && { kind: "session", key, tenant: key.tenant, scopes: key.scopes };
    },
    end: async (id) => {
      if (idForm.test(id)) await cells.remove(group, nameOf(id));
    },
  };
};
