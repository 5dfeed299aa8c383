/** Paths of the receiver of backends' spans begin so. */
export const RECEIVER_PATH = '/backend-spans/';

/** True for requests to the receiver of backends' spans, which the HTTP instrumentation leaves alone. */
export const isReceiverPath = (path: string): boolean => path.startsWith(RECEIVER_PATH);
