import { expect, test } from "vitest";
import { isSecretReference } from "../../config/secrets.js";

test.each(["providers.gateway.url", "providers.gateway.status.url", "webhooks.tenants.shop.url", "tracing.url"])(
  "a secret that is put into the address at %s is masked, a host is not",
  (path) => {
    expect(isSecretReference(path, "T000/B000/whpathsecret")).toBe(true);
    expect(isSecretReference(path, "hooks.example.com")).toBe(false);
  },
);
