// The texts of the viewer in the language of the page.
import { language, number, textsOf } from '$shared/i18n/texts.svelte';
import { en } from './en';
import { nl } from './nl';

export { language, number };
export const { t, count, say } = textsOf({ en, nl });
