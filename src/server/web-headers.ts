import type { SignIn } from './web-sign-in.ts';

const framedBy = (signIn: SignIn): string =>
  signIn.kind === 'embedded' ? signIn.origins.join(' ') : "'none'";

/** Beside the API itself only the sign-in address is ever asked. */
const connectedTo = (signIn: SignIn): string =>
  signIn.kind === 'address' ? `'self' ${new URL(signIn.address).origin}` : "'self'";

/**
 * Everything comes from this server: no script or style element with content, no frame, no address of anybody else. What a
 * hostile answer got past the markdown would still not run, and could send nothing anywhere. Whatever makes markup or code
 * out of text throws, and no policy may allow it: no part of the page and nothing that it uses does so.
 */
const toContentSecurityPolicy = (signIn: SignIn): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${connectedTo(signIn)}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framedBy(signIn)}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** Of every static file. */
export const fileHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export const toPageHeaders = (signIn: SignIn): Record<string, string> => ({
  ...fileHeaders,
  'content-security-policy': toContentSecurityPolicy(signIn),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
});
