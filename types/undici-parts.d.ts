/** The two parts of undici that are used. Its index loads a hundred files more: 14 MB, and 100 ms of processor time at the start. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
