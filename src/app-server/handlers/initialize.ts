import { tmpdir } from 'node:os';
import type { InitializeResponse } from '../../app-server-protocol/index.ts';
import { invalidParams, invalidRequest } from '../rpc/failure.ts';
import { type Fields, readFields, readObject, readOptionalBoolean, readString } from '../rpc/params.ts';
import type { Handler } from '../rpc/request-boundary.ts';

export const VERSION = '0.1.0';

const readOptOut = (capabilities: Fields): ReadonlySet<string> => {
  const methods = capabilities.optOutNotificationMethods ?? [];
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === 'string')) {
    throw invalidParams(
      'Invalid params: `capabilities.optOutNotificationMethods` must be an array of strings',
    );
  }
  return new Set(methods);
};

/** Once a connection: who the client is, and which notifications it does not want. */
export const initialize: Handler = (params, client): InitializeResponse => {
  if (client.identity()) throw invalidRequest('Already initialized');
  const fields = readFields(params);
  const info = readObject(fields, 'clientInfo');
  const name = readString(info, 'name', 'clientInfo.name');
  const version = readString(info, 'version', 'clientInfo.version');
  const capabilities = fields.capabilities ? readObject(fields, 'capabilities') : {};
  readOptionalBoolean(capabilities, 'experimentalApi');
  client.identify({ name, version, optOut: readOptOut(capabilities) });
  return {
    userAgent: `throughline-app-server/${VERSION} (${name}; ${version})`,
    // The protocol wants a home; this server keeps nothing on disk, so it names where it would not matter.
    codexHome: tmpdir(),
    platformFamily: process.platform === 'win32' ? 'windows' : 'unix',
    platformOs: process.platform === 'darwin' ? 'macos' : process.platform,
  };
};
