/** The server takes as many characters of the first message for the title. */
const cutLength = 60;

/** A title as it is shown: one that was cut says so, and one that is not there yet has a name all the same. */
export const toShownTitle = (title: string): string => {
  if (title.trim() === '') return 'Untitled';
  return [...title].length === cutLength ? `${title.trimEnd()}…` : title;
};
