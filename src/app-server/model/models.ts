import type { LanguageModel, ModelInfo } from './model.ts';

/** The models behind the server, the default one first. */
export interface Models {
  readonly list: readonly [ModelInfo, ...ModelInfo[]];
  /** By name; the default one answers for names that are not in the list, as the real server takes any. */
  readonly find: (name: string) => LanguageModel;
}

export const createModels = (first: LanguageModel, ...others: readonly LanguageModel[]): Models => ({
  list: [first.info, ...others.map(({ info }) => info)],
  find: (name) => [first, ...others].find(({ info }) => info.id === name) ?? first,
});
