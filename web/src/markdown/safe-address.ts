/** The address if it leads to the web or to a mail, otherwise nothing. What has no scheme leads nowhere from here. */
export const toSafeAddress = (address: string | undefined): string | undefined => {
  if (!address) return undefined;
  try {
    const { protocol, href } = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
};
