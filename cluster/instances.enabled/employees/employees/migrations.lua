-- Changes of the schema after its first version, which schema.lua makes. Each is a file in migrations/ named by the version that
-- it leads to, such as 0002_department.lua. The file returns a function, which the leader runs. It may be run again, when a
-- leader dies before its end, so each of its steps looks whether it is needed. Nodes and gateways of the version before go on
-- working meanwhile and afterwards: a migration adds. docs/operations.md has a recipe.
local fio = require('fio')

local DIRECTORY = fio.pathjoin(fio.dirname(fio.abspath(debug.getinfo(1, 'S').source:sub(2))), 'migrations')
-- What schema.lua makes.
local FIRST_VERSION = 1

local migrations = {}

-- {version, name, run} of each, in order. Raises a text that says which file is wrong.
local function load_all()
    local paths = fio.glob(fio.pathjoin(DIRECTORY, '*.lua'))
    table.sort(paths)
    local all = {}
    for i, path in ipairs(paths) do
        local file = fio.basename(path, '.lua')
        local expected = FIRST_VERSION + i
        if tonumber(file:match('^(%d%d%d%d)_[%w_]+$')) ~= expected then
            error(('employees/migrations: %s.lua stands where %04d_<name>.lua is expected'):format(file, expected), 0)
        end
        local run = require('employees.migrations.' .. file)
        if type(run) ~= 'function' then
            error(('employees/migrations: %s.lua returns no function'):format(file), 0)
        end
        table.insert(all, {version = expected, name = file, run = run})
    end
    return all
end

migrations.first_version = FIRST_VERSION
migrations.all = load_all()
migrations.last_version = FIRST_VERSION + #migrations.all

return migrations
