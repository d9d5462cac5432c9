import type { SignIn } from './web-sign-in.ts';

const framedBy = (signIn: SignIn): string =>
  signIn.kind === 'embedded' ? signIn.origins.join(' ') : "'none'";

/** Beside the API itself only the sign-in address is ever asked. */
const connectedTo = (signIn: SignIn): string =>
  signIn.kind === 'address' ? `'self' ${new URL(signIn.address).origin}` : "'self'";

/**
 * Everything comes from this server: no script or style element with content, no frame, no address of anybody else. What a
 * hostile answer got past the markdown would still not run, and could send nothing anywhere.
 */
export const toContentSecurityPolicy = (signIn: SignIn): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connectedTo(signIn)}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framedBy(signIn)}`,
  ].join('; ');

/** Of every static file. */
export const fileHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export const toPageHeaders = (signIn: SignIn): Record<string, string> => ({
  ...fileHeaders,
  'content-security-policy': toContentSecurityPolicy(signIn),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
});
