/** How people who open the page sign in, as `/web/config.json` tells it. */
export type SignIn =
  /** With a name and a role: whoever can open the page is let in. */
  | { readonly kind: 'development' }
  /** The page asks this address for a token, with the cookies of that origin. */
  | { readonly kind: 'address'; readonly address: string }
  /** The page that holds this one in a frame gives it a token; only these origins may. */
  | { readonly kind: 'embedded'; readonly origins: readonly string[] }
  /** Not set up. */
  | { readonly kind: 'none' };
