// Passkeys: asks the browser, puts its answer into the form. Without this file codes of an app do the same.
"use strict";

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const textOf = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (all) => (all || []).map((each) => ({ ...each, id: bytesOf(each.id) }));

async function make(options) {
  const user = { ...options.user, id: bytesOf(options.user.id) };
  const publicKey = { ...options, user, challenge: bytesOf(options.challenge) };
  publicKey.excludeCredentials = known(options.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id, rawId: textOf(made.rawId), type: made.type, response: {
      attestationObject: textOf(made.response.attestationObject), clientDataJSON: textOf(made.response.clientDataJSON),
    },
  };
}

async function use(options) {
  const publicKey = { ...options, challenge: bytesOf(options.challenge) };
  publicKey.allowCredentials = known(options.allowCredentials);
  const used = await navigator.credentials.get({ publicKey });
  return {
    id: used.id, rawId: textOf(used.rawId), type: used.type, response: {
      authenticatorData: textOf(used.response.authenticatorData), signature: textOf(used.response.signature),
      clientDataJSON: textOf(used.response.clientDataJSON),
    },
  };
}

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    const makes = button.dataset.passkey === "make";
    const field = button.form.elements[makes ? "made" : "passkey"];
    const said = button.parentElement.querySelector("[data-passkey-said]");
    button.addEventListener("click", async (event) => {
      if (field.value && button.type === "submit") return;
      event.preventDefault();
      said.textContent = "";
      try {
        field.value = JSON.stringify(await (makes ? make : use)(JSON.parse(button.dataset.options)));
      } catch {
        said.textContent = said.dataset.failed;
        return;
      }
      if (button.type === "submit") button.form.requestSubmit(button);
      else said.textContent = said.dataset.done;
    });
  }
}
