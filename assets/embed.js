// Turns a link to a form of the desk into that form, in the page the link stands in; without this script it stays a link.
// The server fills in where the desk is and how a form looks: what a script can find out about itself is not to be
// relied on, since websites combine and move scripts.
(() => {
const BASE = '@BASE@', CSS = '@CSS@';
const PREFILL = ['organisation', 'name', 'email', 'reference', 'member'];
// the link of a drawing has an address of another kind
const ours = link => `${link?.href}`.startsWith(BASE + '/');

// Answers {url} to go to, or the html of a fragment.
const ask = async (address, body) => {
  const url = new URL(address);
  url.searchParams.set('fragment', 1);
  const answer = await fetch(url, {method: body && 'POST', body, credentials: 'omit'});
  if (!answer.ok && answer.status != 422) throw answer;
  return /json/.test(answer.headers.get('content-type')) ? answer.json() : answer.text();
};

// The total follows what is typed. Of each address only the domain is sent, and the server does the sums.
const follow = root => {
  const form = root.querySelector('form[data-total]');
  if (!form) return;
  // unless the visitor is on it
  form.querySelector('[value=show]:not([autofocus])')?.parentNode.remove();
  let timer;
  const domains = (value, checked) => [...form.querySelectorAll('[type=email]')]
    .filter(input => input.name != 'email' || form.elements.self[checked])
    .map(input => (/@([^@\s,]+\.[^@\s,]{2,})\s*$/.exec(input[value])?.[1] || '') + ',').join('');
  // what the server has put there; the browser may have filled in more
  let shown = domains('defaultValue', 'defaultChecked');
  const look = async () => {
    const wanted = domains('value', 'checked');
    if (wanted == shown) return;
    shown = wanted;
    try {
      const html = await ask(form.dataset.total, new URLSearchParams({domains: wanted}));
      if (wanted == shown) form.querySelector('.bill').innerHTML = html;
    } catch { shown = '' }
  };
  form.oninput = () => { clearTimeout(timer); timer = setTimeout(look, 300) };
  look();
  return look;
};

class LoketForm extends HTMLElement {
  async connectedCallback() {
    const link = this.querySelector('a[href]');
    if (this.root || !ours(link)) return;
    try {
      const {lang} = this.dataset;
      // a language is two letters, behind the desk's own address
      this.url = lang ? `${BASE}/${lang}${link.href.slice(BASE.length + 3)}` : link.href;
      this.root = this.attachShadow({mode: 'open'});
      // the link stays visible until the form is there
      this.root.append(document.createElement('slot'));
      this.root.addEventListener('submit', event => this.send(event));
      this.root.addEventListener('click', event => this.jump(event));
      const kept = this.kept();
      const html = kept && await ask(this.url, kept).catch(() => 0) || await ask(this.url);
      // a style sheet made this way needs no leave of the page's content policy; a browser that cannot make one keeps
      // the link, and a link that stays must look like one of the page
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      this.show(html);
      this.root.adoptedStyleSheets = [sheet];
      this.fire('ready');
    } catch { this.fire('unavailable') }
  }

  fire(name, detail) {
    this.dispatchEvent(new CustomEvent('loket:' + name, {bubbles: 1, composed: 1, detail}));
  }

  // What was typed when the visitor went to pay, if he comes back by the browser's Back button to a page made anew.
  kept() {
    let kept;
    try { kept = sessionStorage[this.url]; delete sessionStorage[this.url] } catch {}
    // the first `do` counts
    return kept && new URLSearchParams('do=show&' + kept);
  }

  show(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    // whatever came, it is no fragment of ours
    if (!template.content.querySelector('.say')) throw 0;
    this.root.replaceChildren(template.content);
    const fields = this.root.querySelector('form')?.elements || {}, query = new URLSearchParams(location.search);
    if (fields.key && !fields.key.value) {
      // made in the browser, since caches share the empty form; randomUUID is missing on a page without https
      fields.key.value = this.key ||= crypto.getRandomValues(new Uint8Array(16)).join('-');
      for (const name of PREFILL) {
        const value = this.dataset[name] || query.get('loket-' + name);
        if (fields[name] && value) fields[name].value = value;
      }
    }
    follow(this.root);
  }

  async send(event) {
    event.preventDefault();
    if (this.busy) return;
    const button = this.busy = event.submitter || event.target.querySelector('button'), say = this.root.querySelector('.say');
    const body = new URLSearchParams(new FormData(event.target));
    body.set(button.name, button.value);
    body.set('page', location.href);
    // the question which order counts has a button without the answers
    if (body.has('key')) this.sent = body;
    button.ariaDisabled = true;
    say.role = 'status';
    say.textContent = '';
    const slow = setTimeout(() => { say.textContent = say.dataset.wait }, 700);
    try {
      const answer = await ask(event.target.action, body);
      if (answer.url) {
        try { sessionStorage[this.url] = this.sent } catch {}
        if ('total' in answer) this.fire('checkout', answer);
        location.assign(answer.url);
        // the visitor may stop the page from coming
        setTimeout(() => this.rest(), 9000);
        return;
      }
      this.show(answer);
      (this.root.querySelector('[autofocus]') || this.root.querySelector('div[tabindex]'))?.focus();
      if (this.root.querySelector('.sum')) this.fire('invalid');
    } catch (fault) {
      say.role = 'alert';
      say.textContent = say.dataset[fault.status ? 'fault' : 'offline'];
      this.fire('error', {status: fault.status || 0});
    }
    clearTimeout(slow);
    this.rest();
  }

  // Links of the summary lead to fields in here, where the browser does not look for them.
  jump(event) {
    const link = event.target.closest('[href^="#"]');
    if (!link) return;
    event.preventDefault();
    this.root.getElementById(link.hash.slice(1)).focus();
  }

  rest() {
    if (this.busy) this.busy.ariaDisabled = null;
    this.busy = 0;
    const say = this.root.querySelector('.say');
    if (say?.role == 'status') say.textContent = '';
  }
}

const start = () => {
  // whoever did not come here by Back has left the form behind, and so must what he typed in it
  try {
    if (performance.getEntriesByType('navigation')[0]?.type != 'back_forward')
      for (const name in sessionStorage) if (name.startsWith(BASE)) delete sessionStorage[name];
  } catch {}
  // not before: an element that is met while the page is still read has no link in it yet
  customElements.get('loket-form') || customElements.define('loket-form', LoketForm);
  for (const marker of document.querySelectorAll('div.loket-form')) {
    const link = marker.querySelector('a[href]');
    if (!ours(link) || link.closest('loket-form')) continue;
    const form = document.createElement('loket-form');
    Object.assign(form.dataset, marker.dataset);
    // it looks for its link when it enters the page
    form.append(link.cloneNode(true));
    link.replaceWith(form);
  }
  if (ours(location)) {
    const look = follow(document);
    if (look) addEventListener('pageshow', look);
  }
};
addEventListener('pageshow', event => {
  // Back, to a page that was kept whole
  if (event.persisted) document.querySelectorAll('loket-form').forEach(form => { if (form.root) { form.kept(); form.rest() } });
});
document.readyState == 'loading' ? addEventListener('DOMContentLoaded', start) : start();
})();
