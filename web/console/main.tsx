import { render } from 'preact';
import { App } from './view/app.js';
import { keepFocus } from './view/keep-focus.js';

const place = document.getElementById('console');
// What index.html holds is shown until the script is there.
place?.replaceChildren();
if (place !== null) {
  keepFocus(place);
  render(<App />, place);
}
