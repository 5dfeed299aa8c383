import type { Router, TurnBackend } from '../../gateway/ports.ts';
import { findModel } from './model-not-found.ts';
import { isTurn } from './routed-backend.ts';

/** Sends each request to the one backend, which checks the model itself. */
export const createOneBackendRouter = (backend: TurnBackend): Router => {
  const candidates = [{ backend, model: null }];
  return {
    serves: isTurn,
    candidates: () => candidates,
    find: async () => candidates,
    models: backend.models,
    model: async (context, id) => findModel(await backend.models(context), id),
    knows: backend.knows,
  };
};
