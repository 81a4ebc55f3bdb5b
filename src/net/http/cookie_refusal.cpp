#include "net/http/cookie_refusal.h"

namespace goop::net::http {

void explain_cookies(Response& response) {
  response.remove("Content-Type");
  response.add_lines(
      "Clear-Site-Data: \"cookies\"\r\nCache-Control: no-store\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
  response.text(
      "text/html; charset=utf-8",
      "<!doctype html><meta charset=utf-8><title>Too many cookies</title>"
      "<h1>Too many cookies</h1>"
      "<p>Your browser holds so many cookies for this address that the page cannot be "
      "shown. They need not be this program's: all programs on one address share them. "
      "It has been asked to forget them. <a href=\"\">Try again</a>; if this page comes "
      "back, delete the cookies of this address in the settings of the browser.</p>"
      "<h1 lang=nl>Te veel cookies</h1>"
      "<p lang=nl>Je browser heeft zoveel cookies voor dit adres dat de pagina niet getoond "
      "kan worden. Ze hoeven niet van dit programma te zijn: alle programma's op één adres "
      "delen ze. Er is gevraagd ze te vergeten. <a href=\"\">Probeer het opnieuw</a>; komt "
      "deze pagina terug, verwijder dan de cookies van dit adres in de instellingen van de "
      "browser.</p>\n");
}

}  // namespace goop::net::http
