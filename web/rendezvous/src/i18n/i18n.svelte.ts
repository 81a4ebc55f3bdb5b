// The texts of the operator's page in its language.
import { language, number, textsOf } from '$shared/i18n/texts.svelte';
import { en } from './en';
import { nl } from './nl';

export { language, number };
export const { t, count } = textsOf({ en, nl });
