/** Hands a process of the file server its settings: `serve` of the spec, as JSON. */
export const SERVE_VARIABLE = 'STATEWARD_SERVE';
/** Holds the password that `basic_auth` gives in place of a file; PM2's name. */
export const PASSWORD_VARIABLE = 'PM2_SERVE_BASIC_AUTH_PASSWORD';
