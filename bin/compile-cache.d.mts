export declare const openCompileCache: (
  env?: Readonly<Record<string, string | undefined>>,
  uid?: number,
) => string | undefined;
