from django import template

from confbox.kit.fragments import filled_fragment, fragment

register = template.Library()
register.simple_tag(fragment)
register.simple_tag(filled_fragment)
