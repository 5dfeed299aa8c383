import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { types } from 'node:util';

/** What is asked of an open file. */
export interface NdjsonHandle {
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  stat(): Promise<FileIdentity>;
  truncate(length: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  close(): Promise<void>;
}

/** What tells one file from another that has taken its name. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  isFile(): boolean;
}

/** The file system, as far as NDJSON files need it: a test hands in one that fails. All of it is asynchronous. */
export interface NdjsonFs {
  mkdir(path: string, options?: { recursive: boolean; mode: number }): Promise<unknown>;
  open(path: string, flags: string, mode: number): Promise<NdjsonHandle>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  rmdir(path: string): Promise<void>;
  stat(path: string): Promise<FileIdentity>;
}

export const nodeFs: NdjsonFs = { mkdir, open, readdir, rename, rm, rmdir, stat };

export const toError = (error: unknown): Error =>
  types.isNativeError(error) ? error : new Error(String(error));

/** The system's name of a failure: `ENOENT`, `EEXIST`. */
export const codeOf = (error: unknown): unknown => (toError(error) as NodeJS.ErrnoException).code;

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
