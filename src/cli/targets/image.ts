import * as Flags from '@oclif/core/flags';
import { posix } from 'node:path';
import { usageError } from '../session/failures.ts';

/** For apps that run in containers. */
export const imageFlags = {
  image: Flags.string({ description: 'Image of the apps that name none themselves.', helpValue: 'IMAGE' }),
};

/** Where images have the folder of the ecosystem file. */
export const folderFlag = {
  folder: Flags.string({
    description: 'Where the folder of the ecosystem file is in the images.',
    default: '/app',
    helpValue: 'PATH',
  }),
};

/** What the schema says of `image` in the file. Throws. */
export function checkImage(image: string | undefined): void {
  if (image === undefined || /^\S+$/.test(image)) return;
  throw usageError(
    `--image ${JSON.stringify(image)} names no image`,
    'as in --image registry.example.com/shop:2.4.1',
  );
}

/** Throws. */
export function checkFolder(folder: string): void {
  if (posix.isAbsolute(folder)) return;
  throw usageError(`--folder ${JSON.stringify(folder)} is no absolute path`, 'as in --folder /app');
}
