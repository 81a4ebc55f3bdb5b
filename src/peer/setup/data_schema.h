// The schema of data.db: all its steps, in one list.
//
// Each part of the peer that keeps something there adds its step at the end.
#pragma once

#include <span>
#include <string_view>

#include "store/migrations.h"

namespace goop::peer::setup {

inline constexpr std::string_view data_name = "data.db";

std::span<const store::Migration> data_schema();

}  // namespace goop::peer::setup
