// Another captcha picture without sending the form, and the eye and the reader led to what is
// wrong. Every page works without this.
(() => {
  const again = document.getElementById('captcha-again');
  const picture = document.getElementById('captcha-picture');
  const typed = document.getElementById('captcha');
  const id = document.querySelector('input[name="captcha_id"]');
  if (again && picture && typed && id) {
    again.addEventListener('click', async function swap(event) {
      event.preventDefault();
      const answer = await fetch('/api/v1/captcha').catch(() => null);
      if (!answer || !answer.ok) {
        // The button does what it does without a script: the server gives the form back.
        again.removeEventListener('click', swap);
        again.click();
        return;
      }
      const given = await answer.json();
      picture.src = given.image;
      id.value = given.id;
      typed.value = '';
      typed.focus();
    });
  }
  const wrong = document.querySelector('.wrong[tabindex]');
  if (wrong) wrong.focus();
})();
