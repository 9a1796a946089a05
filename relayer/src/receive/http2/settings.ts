import { ERROR, SETTING } from './frame.ts';
import type { ConnectionError } from './header-reader.ts';
import { MAX_WINDOW_BYTES } from './limits.ts';

/** What of the other side's settings (six bytes each) matters here, or what is wrong with them. */
export function parseSettings(payload: Buffer): { readonly initialWindow: number | undefined } | ConnectionError {
  let initialWindow: number | undefined;
  for (let at = 0; at < payload.length; at += 6) {
    const name = payload.readUInt16BE(at);
    const value = payload.readUInt32BE(at + 2);
    if (name === SETTING.enablePush && value > 1) return { code: ERROR.protocol, message: 'an impossible setting' };
    if (name === SETTING.maxFrameSize && (value < 16_384 || value > 16_777_215))
      return { code: ERROR.protocol, message: 'an impossible frame size' };
    if (name !== SETTING.initialWindowSize) continue;
    if (value > MAX_WINDOW_BYTES) return { code: ERROR.flowControl, message: 'an impossible window' };
    initialWindow = value;
  }
  return { initialWindow };
}
