export type SignIn =
  | { readonly kind: 'development' }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'embedded'; readonly origins: readonly string[] }
  | { readonly kind: 'none' };

/** What the server tells the page about itself. */
export interface PageConfig {
  readonly signIn: SignIn;
  readonly graphiql: boolean;
}

const isPageConfig = (value: unknown): value is PageConfig =>
  typeof value === 'object' && value !== null && 'signIn' in value;

export const loadPageConfig = async (): Promise<PageConfig> => {
  const response = await fetch('/web/config.json', { cache: 'no-store' });
  const config: unknown = response.ok ? await response.json() : undefined;
  if (!isPageConfig(config)) throw new Error(`/web/config.json answered with ${response.status}.`);
  return config;
};
