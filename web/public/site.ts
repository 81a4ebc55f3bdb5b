// What the program's own pages do with script: the choice of a theme, copying, QR codes.
// The words come with the page (data- attributes of <body>), so there is no table of texts here.
import { qrDark, qrLight, qrOf } from '../shared/lib/qr';
import { keepTheme, resumeTheme, themes, type Theme } from '../shared/lib/theme';
import './site.css';

// --- theme: the viewer's, where the page belongs to a viewer ---

function addThemeChoice(current: Theme): void {
  const words = document.body.dataset;
  const names = { system: words.themeSystem, light: words.themeLight, dark: words.themeDark };
  const choice = document.createElement('select');
  choice.setAttribute('aria-label', words.themeName ?? '');
  for (const theme of themes) choice.add(new Option(names[theme], theme, false, theme === current));
  choice.addEventListener('change', () => keepTheme(themes[choice.selectedIndex] ?? 'system'));
  document.querySelector('header')?.append(choice);
}

// --- copying ---

// The clipboard's own interface is for secure pages only, which a server on a local network is not.
async function copy(source: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(source);
    return document.execCommand('copy');
  }
}

function enableCopying(button: HTMLButtonElement): void {
  const source = button.parentElement?.querySelector('code');
  if (!source) return;
  const said = document.createElement('span');
  said.setAttribute('role', 'status');
  button.after(said);
  button.hidden = false;
  button.addEventListener('click', async () => {
    const words = document.body.dataset;
    said.textContent = ((await copy(source)) ? words.copied : words.notCopied) ?? '';
    setTimeout(() => (said.textContent = ''), 4000);
  });
}

// --- QR codes ---

function drawQr(figure: HTMLElement): void {
  const { side, path } = qrOf(figure.dataset.qr ?? '');
  const svg = draw('svg', { role: 'img', viewBox: `0 0 ${side} ${side}`, 'shape-rendering': 'crispEdges' });
  svg.setAttribute('aria-label', figure.dataset.qrName ?? '');
  svg.append(draw('rect', { width: `${side}`, height: `${side}`, fill: qrLight }), draw('path', { d: path, fill: qrDark }));
  figure.replaceChildren(svg);
}

function draw(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

addThemeChoice(resumeTheme());
document.querySelectorAll<HTMLButtonElement>('button[data-copy]').forEach(enableCopying);
document.querySelectorAll<HTMLElement>('[data-qr]').forEach(drawQr);
