/** How many namespaces are looked at side by side. An API server answers so many quickly; more would only wait there. */
export const namespacesAtOnce = 8;
