#include "net/http/asset_answer.h"

#include "net/http/conditional.h"

namespace goop::net::http {
namespace {

constexpr std::string_view forever = "Cache-Control: public, max-age=31536000, immutable\r\n";
constexpr std::string_view check_back = "Cache-Control: no-cache\r\n";

}  // namespace

Response asset_answer(const Request& request, const Asset& asset, Caching caching) {
  const bool packed = !asset.brotli.empty() &&
                      accepts_encoding(request.field("Accept-Encoding").value_or(""), "br");
  const auto etag = fmt::format("{}{}", asset.sha256.substr(0, 32), packed ? "-br" : "");
  Response response;
  response.add_lines(caching == Caching::forever ? forever : check_back);
  response.add_lines("Vary: Accept-Encoding\r\n");
  response.add("ETag", fmt::format("\"{}\"", etag));
  response.add("Content-Type", asset.type);
  if (packed) response.add_lines("Content-Encoding: br\r\n");
  response.body = Response::Borrowed{nullptr, packed ? asset.brotli : asset.bytes};
  return response;
}

}  // namespace goop::net::http
