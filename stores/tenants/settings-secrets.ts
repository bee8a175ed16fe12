import type { TenantSettings } from "./tenants.js";

/** Every credential in the settings, which must be sealed. */
export const secretsOf = ({ webhook, providers }: TenantSettings): readonly string[] => [
  ...(webhook?.secrets ?? []),
  ...Object.values(providers).flatMap(({ secrets }) => Object.values(secrets)),
];

/** The settings with each credential replaced. */
export const withSecrets = (settings: TenantSettings, change: (sealed: string) => string): TenantSettings => ({
  ...settings,
  webhook: settings.webhook && { ...settings.webhook, secrets: settings.webhook.secrets.map(change) },
  providers: Object.fromEntries(
    Object.entries(settings.providers).map(([name, provider]) => {
      const secrets = Object.entries(provider.secrets).map(([path, sealed]) => [path, change(sealed)] as const);
      return [name, { ...provider, secrets: Object.fromEntries(secrets) }];
    }),
  ),
});
