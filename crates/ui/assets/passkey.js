// Asks the browser for a passkey and sends its answer in an ordinary form. Without scripts, or where a browser
// knows no passkeys, these forms stay hidden and everything else works.
"use strict";

(() => {
  if (!window.PublicKeyCredential) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer || [])))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const ask = async (form) => {
    const answer = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("The server gives no challenge now: try again in a minute.");
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    if (!options.user) {
      const used = await navigator.credentials.get({ publicKey: options });
      return {
        credential_id: text(used.rawId),
        client_data: text(used.response.clientDataJSON),
        authenticator_data: text(used.response.authenticatorData),
        signature: text(used.response.signature),
        user_handle: text(used.response.userHandle),
      };
    }
    options.user.id = bytes(options.user.id);
    for (const known of options.excludeCredentials) known.id = bytes(known.id);
    const made = await navigator.credentials.create({ publicKey: options });
    return {
      client_data: text(made.response.clientDataJSON),
      attestation_object: text(made.response.attestationObject),
    };
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const said = form.querySelector("[data-said]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.textContent = "";
      try {
        for (const [name, value] of Object.entries(await ask(form))) form.elements[name].value = value;
        form.submit();
      } catch (error) {
        said.textContent = error.name === "InvalidStateError"
          ? "This authenticator has a passkey for you already."
          : error.name === "NotAllowedError" ? "No passkey was used. Try again." : error.message;
      }
    });
  }
})();
