/** A command that is cut off cannot be typed: longer than any. */
export const longestCommand = 20_000;

/** So many failures are shown with what was seen and their last lines, in text and Markdown. */
export const shownFailures = 20;

/** So many of the last lines of what was seen for a failed step, and in text of its output, are shown. */
export const shownLines = 15;

/** How many of the last lines of one piece of it, for example of a log. */
export const shownOfPiece = 5;

/** So many parts of the critical path, and so many gates, are shown. */
export const shownRows = 16;

/** So long a value gets more room on the page. */
export const wideFrom = 40;
