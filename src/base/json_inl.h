// Templates of json.h: how each type is read and written.
#pragma once

namespace goop::json {
namespace detail {

// What is wrong and where in the structure; the place grows while the reader's calls return.
struct Trouble {
  std::string place;
  std::string what;
};
using Outcome = std::optional<Trouble>;

Trouble mismatch(std::string_view expected, const Value& found);
Trouble within(std::string_view step, Trouble inner);

Outcome read_into(const Value& value, bool& out);
Outcome read_into(const Value& value, double& out);
Outcome read_into(const Value& value, std::string& out);
Outcome read_into(const Value& value, Value& out);
Outcome read_integer(const Value& value, std::int64_t low, std::uint64_t high, std::int64_t& out);

template <class T>
inline constexpr bool may_be_missing = false;
template <class T>
inline constexpr bool may_be_missing<std::optional<T>> = true;
template <class T>
inline constexpr bool may_be_missing<std::vector<T>> = true;
template <class T>
inline constexpr bool may_be_missing<std::map<std::string, T>> = true;

template <std::integral T>
Outcome read_into(const Value& value, T& out) {
  std::int64_t number = 0;  // the bits of a std::uint64_t when T is one
  auto trouble = read_integer(value, std::numeric_limits<T>::min(),
                              static_cast<std::uint64_t>(std::numeric_limits<T>::max()), number);
  if (!trouble) out = static_cast<T>(number);
  return trouble;
}

template <class T>
Outcome read_into(const Value& value, std::optional<T>& out);
template <class T>
Outcome read_into(const Value& value, std::vector<T>& out);
template <class T>
Outcome read_into(const Value& value, std::map<std::string, T>& out);

template <Described T>
Outcome read_into(const Value& value, T& out) {
  const Object* object = value.if_object();
  if (!object) return mismatch("an object", value);
  Outcome trouble;
  using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
  boost::mp11::mp_for_each<Members>([&](auto member) {
    if (trouble) return;
    auto& place = out.*member.pointer;
    if (const Value* found = object->if_contains(member.name)) {
      if (auto inner = read_into(*found, place)) trouble = within(member.name, *std::move(inner));
    } else if (!may_be_missing<std::remove_reference_t<decltype(place)>>) {
      trouble = Trouble{member.name, "is missing"};
    }
  });
  return trouble;
}

template <class T>
Outcome read_into(const Value& value, std::optional<T>& out) {
  if (value.is_null()) {
    out.reset();
    return {};
  }
  return read_into(value, out.emplace());
}

template <class T>
Outcome read_into(const Value& value, std::vector<T>& out) {
  out.clear();
  if (value.is_null()) return {};
  const Array* array = value.if_array();
  if (!array) return mismatch("a list", value);
  out.reserve(array->size());
  for (const Value& item : *array) {
    T read{};
    if (auto inner = read_into(item, read)) {
      return within(fmt::format("[{}]", out.size()), *std::move(inner));
    }
    out.push_back(std::move(read));
  }
  return {};
}

template <class T>
Outcome read_into(const Value& value, std::map<std::string, T>& out) {
  out.clear();
  if (value.is_null()) return {};
  const Object* object = value.if_object();
  if (!object) return mismatch("an object", value);
  for (const auto& [key, item] : *object) {
    if (auto inner = read_into(item, out[std::string(key)])) {
      return within(key, *std::move(inner));
    }
  }
  return {};
}

template <class T>
struct Writer {
  static Value write(const T& thing) {
    if constexpr (Described<T>) {
      Object object;
      using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
      boost::mp11::mp_for_each<Members>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(thing.*member.pointer)>;
        Writer<Member>::add(object, member.name, thing.*member.pointer);
      });
      return object;
    } else if constexpr (std::floating_point<T>) {
      return std::isfinite(thing) ? Value(thing) : Value(nullptr);  // JSON has no such number
    } else {
      return Value(thing);
    }
  }
  static void add(Object& object, std::string_view key, const T& thing) {
    object.emplace(key, write(thing));
  }
};

template <class T>
struct Writer<std::optional<T>> {
  static Value write(const std::optional<T>& thing) {
    return thing ? Writer<T>::write(*thing) : Value(nullptr);
  }
  static void add(Object& object, std::string_view key, const std::optional<T>& thing) {
    if (thing) object.emplace(key, Writer<T>::write(*thing));
  }
};

template <class T>
struct Writer<std::vector<T>> {
  static Value write(const std::vector<T>& things) {
    Array array;
    array.reserve(things.size());
    for (const T& thing : things) array.push_back(Writer<T>::write(thing));
    return array;
  }
  static void add(Object& object, std::string_view key, const std::vector<T>& things) {
    object.emplace(key, write(things));
  }
};

template <class T>
struct Writer<std::map<std::string, T>> {
  static Value write(const std::map<std::string, T>& things) {
    Object object;
    for (const auto& [key, thing] : things) object.emplace(key, Writer<T>::write(thing));
    return object;
  }
  static void add(Object& object, std::string_view key, const std::map<std::string, T>& things) {
    object.emplace(key, write(things));
  }
};

Error to_error(const Trouble& trouble);

}  // namespace detail

template <class T>
Result<T> read(const Value& value) {
  T out{};
  if (auto trouble = detail::read_into(value, out)) {
    return std::unexpected(detail::to_error(*trouble));
  }
  return out;
}

template <class T>
Value to_value(const T& thing) {
  return detail::Writer<T>::write(thing);
}

}  // namespace goop::json
